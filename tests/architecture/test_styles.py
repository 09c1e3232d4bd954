"""Of Tabler's style sheet the pages get what they can use."""

import json
import subprocess

from tests.architecture.sources import ROOT

SHEET = """@charset "UTF-8";
.btn, .carousel { a: 1; }
.btn-danger:not(.carousel), .btn:is(.carousel, :hover) { b: 1; }
.btn:has(> .carousel) { c: 1; }
[data-bs-theme=dark] .btn { d: 1; }
@media print { .carousel { e: 1; } h1 { f: 1; } }
@keyframes turn { from { g: 1; } }
"""
PAGE = """<html data-bs-theme="light"><a class="btn{% if of.carousels %} btn-{{ tone }}{% endif %}">"""
PRUNE = "import { pruned } from './webapp/frontend/pruning.mjs'; console.log(pruned(...JSON.parse(process.argv[1])));"


def test_rules_about_what_no_page_names_are_left_out() -> None:
    command = ["node", "--input-type=module", "-e", PRUNE, json.dumps([SHEET, [PAGE]])]
    pruned = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert "".join(pruned.split()) == (
        ".btn{a:1;}.btn-danger:not(.carousel),.btn:is(.carousel,:hover){b:1;}@mediaprint{h1{f:1;}}@keyframesturn{from{g:1;}}"
    )
