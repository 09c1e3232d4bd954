"""The text of a reminder, for those who send it by another way than ours."""

from webapp.cycles.asking import AWAITED
from webapp.cycles.last_days import awaited_words
from webapp.cycles.queries import Board, UnitRow


def urging_text(board: Board, unit: UnitRow, ward: str) -> str:
    """A message to one unit that says what is awaited and by when."""
    verb = "Đề nghị" if unit.is_requested else "Yêu cầu"
    awaited = [(cell.task, cell.last_day) for cell in unit.cells if cell.state in AWAITED]
    return (
        f"{ward} – {board.cycle.name}, Kế hoạch {board.cycle.plan_number}: {verb} {unit.name} gửi báo cáo "
        f"{unit.awaited} nhiệm vụ: {awaited_words(awaited, board.today)}."
    )
