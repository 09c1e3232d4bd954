"""The text of a reminder, for those who send it by another way than ours."""

from webapp.cycles.queries import Board, UnitRow


def urging_text(board: Board, unit: UnitRow, ward: str) -> str:
    """A message to one unit that says what is awaited and by when."""
    verb = "Đề nghị" if unit.is_requested else "Yêu cầu"
    by = f" trước khi hết ngày {board.cycle.report_by:%d/%m/%Y}" if board.cycle.report_by else ""
    awaited = "; ".join(f"{cell.task}" for cell in unit.cells if cell.state in ("asked", "returned"))
    return (
        f"{ward} – {board.cycle.name}, Kế hoạch {board.cycle.plan_number}: {verb} {unit.name} gửi báo cáo "
        f"{unit.awaited} nhiệm vụ ({awaited}){by}."
    )
