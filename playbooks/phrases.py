"""Conditions as people read them: "cấp độ từ Cấp 3 – Nghiêm trọng trở lên"."""

import ast

from playbooks.condition import parse
from playbooks.facts import FACTS

Words = tuple[str, str]
"""The same in Vietnamese and in English."""

_COMPARED: dict[type[ast.cmpop], Words] = {
    ast.Eq: ("{} là {}", "{} is {}"),
    ast.NotEq: ("{} không phải là {}", "{} is not {}"),
    ast.Lt: ("{} dưới {}", "{} below {}"),
    ast.LtE: ("{} từ {} trở xuống", "{} {} or lower"),
    ast.Gt: ("{} trên {}", "{} above {}"),
    ast.GtE: ("{} từ {} trở lên", "{} {} or higher"),
    ast.In: ("{} là {}", "{} is {}"),
    ast.NotIn: ("{} không phải là {}", "{} is not {}"),
}
_YES_NO: dict[object, Words] = {True: ("có", "yes"), False: ("không", "no")}


def in_words(text: str) -> Words:
    """The condition in words; an empty one always holds. Raises condition.BadCondition."""
    parse(text)
    if not text.strip():
        return "luôn luôn", "always"
    return _said(ast.parse(text.strip(), mode="eval").body)


def _said(node: ast.expr) -> Words:
    match node:
        case ast.BoolOp(op=kind, values=parts):
            both = (" và ", " and ") if isinstance(kind, ast.And) else (" hoặc ", " or ")
            said = [_bracketed(part) if isinstance(part, ast.BoolOp) else _said(part) for part in parts]
            return both[0].join(vi for vi, _ in said), both[1].join(en for _, en in said)
        case ast.UnaryOp(operand=part):
            vi, en = _bracketed(part)
            return f"không {vi}", f"not {en}"
        case ast.Compare(left=left, ops=[kind], comparators=[right]):
            fact = left.id if isinstance(left, ast.Name) else ""
            one, other = _value(left, ""), _value(right, fact)
            vi, en = _COMPARED[type(kind)]
            return vi.format(one[0], other[0]), en.format(one[1], other[1])
    return _value(node, "")


def _bracketed(node: ast.expr) -> Words:
    vi, en = _said(node)
    return f"({vi})", f"({en})"


def _value(node: ast.expr, fact: str) -> Words:
    """A fact by its words, a value of `fact` by its own, several joined by "or"."""
    if isinstance(node, ast.Name):
        return FACTS[node.id].words if node.id in FACTS else (node.id, node.id)
    if isinstance(node, ast.Tuple):
        many = [_value(one, fact) for one in node.elts]
        return " hoặc ".join(vi for vi, _ in many), " or ".join(en for _, en in many)
    value = ast.literal_eval(node)
    known = FACTS[fact].choices or _YES_NO if fact in FACTS else {}
    return known.get(value, (str(value), str(value)))
