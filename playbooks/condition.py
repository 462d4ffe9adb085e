"""When a step, a clock or a playbook applies: small expressions over facts, in three-valued (Kleene) logic.

Allowed: fact names, texts in quotes, whole numbers, True and False, `== != < <= > >=`, `in` and `not in` a tuple,
`and`, `or`, `not`, parentheses. A fact that is missing or None is unknown, and unknown travels: `unknown or True` is
True, `unknown and True` stays unknown. `protected` is derived from other facts and never unknown (facts.is_protected).
"""

import ast
import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from playbooks.facts import is_protected

LONGEST = 500
Facts = Mapping[str, object]

_COMPARE: dict[type[ast.cmpop], Callable[..., bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda one, many: one in many,
    ast.NotIn: lambda one, many: one not in many,
}


_ORDERED = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)


class BadCondition(ValueError):  # noqa: N818 - names state the fact, not "Error"
    """The text is not a condition, or cannot be weighed against these facts."""

    def __init__(self, text: str, why: str) -> None:
        super().__init__(f"điều kiện “{text[:LONGEST]}” không dùng được: {why}")
        self.text, self.why = text, why


@dataclass(frozen=True)
class Condition:
    """A parsed condition; an empty text always holds."""

    text: str
    names: frozenset[str]
    _tree: ast.expr | None = field(repr=False, compare=False)

    def holds(self, facts: Facts) -> bool | None:
        """True, False, or None when the facts do not yet tell. Raises BadCondition on facts of the wrong type."""
        try:
            return True if self._tree is None else _truth(self._tree, facts)
        except TypeError as fault:
            raise BadCondition(self.text, f"kiểu dữ liệu không so sánh được ({fault})") from fault


@lru_cache(maxsize=1024)
def parse(text: str) -> Condition:
    """The condition written in `text`. Raises BadCondition naming the text."""
    if not text.strip():
        return Condition(text, frozenset(), None)
    if len(text) > LONGEST:
        raise BadCondition(text, f"dài hơn {LONGEST} ký tự")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
        _check(tree, text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as fault:
        raise fault if isinstance(fault, BadCondition) else BadCondition(text, str(fault)) from fault
    return Condition(text, frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name)), tree)


def holds(text: str, facts: Facts) -> bool | None:
    """Whether the condition in `text` holds: True, False, or None for unknown. Raises BadCondition."""
    return parse(text).holds(facts)


def names(text: str) -> frozenset[str]:
    """The facts that the condition in `text` asks for. Raises BadCondition."""
    return parse(text).names


def compared(text: str) -> tuple[tuple[str, object], ...]:
    """Each fact of the condition with each value it is compared to. Raises BadCondition."""
    tree = parse(text)._tree
    found: list[tuple[str, object]] = []
    for node in ast.walk(tree) if tree else ():
        match node:
            case ast.Compare(left=ast.Name(id=name), comparators=[ast.Constant(value=value)]):
                found.append((name, value))
            case ast.Compare(left=ast.Name(id=name), comparators=[ast.Tuple(elts=many)]):
                found += [(name, ast.literal_eval(one)) for one in many]
    return tuple(found)


def ordered(text: str) -> frozenset[str]:
    """The facts that the condition compares by size. Raises BadCondition."""
    tree = parse(text)._tree
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Compare)] if tree else []
    return frozenset(n.left.id for n in nodes if isinstance(n.ops[0], _ORDERED) and isinstance(n.left, ast.Name))


def _check(node: ast.expr, text: str) -> None:
    """Refuse everything outside the small language, wherever it stands."""
    match node:
        case ast.Name() | ast.Constant(value=bool()):
            return
        case ast.BoolOp(values=parts):
            for part in parts:
                _check(part, text)
        case ast.UnaryOp(op=ast.Not(), operand=part):
            _check(part, text)
        case ast.Compare(left=left, ops=[kind], comparators=[right]) if type(kind) in _COMPARE:
            if not isinstance(left, ast.Name):
                raise BadCondition(text, f"bên trái phép so sánh phải là tên dữ kiện, không phải {ast.unparse(left)}")
            _check_right(right, isinstance(kind, ast.In | ast.NotIn), text)
            if isinstance(kind, _ORDERED) and not _is_number(right):
                raise BadCondition(text, f"lớn hơn, nhỏ hơn chỉ so với số, không phải {ast.unparse(right)}")
        case _:
            raise BadCondition(text, f"không hiểu phần “{ast.unparse(node)}”")


def _is_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int) and not isinstance(node.value, bool)


def _check_value(node: ast.expr, text: str) -> None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str | int):
        return
    raise BadCondition(text, f"“{ast.unparse(node)}” phải là chữ trong dấu nháy hoặc số nguyên")


def _check_right(node: ast.expr, many: bool, text: str) -> None:
    if not many:
        return _check_value(node, text)
    if not isinstance(node, ast.Tuple) or not all(isinstance(one, ast.Constant) for one in node.elts):
        raise BadCondition(
            text, f"sau “in” phải là danh sách trong ngoặc, ví dụ ('a', 'b'), không phải {ast.unparse(node)}"
        )
    for one in node.elts:
        _check_value(one, text)
    return None


def _truth(node: ast.expr, facts: Facts) -> bool | None:
    match node:
        case ast.BoolOp(op=ast.And(), values=parts):
            return _all(_truth(part, facts) for part in parts)
        case ast.BoolOp(values=parts):
            return _not(_all(_not(_truth(part, facts)) for part in parts))
        case ast.UnaryOp(operand=part):
            return _not(_truth(part, facts))
        case ast.Compare(left=left, ops=[kind], comparators=[right]):
            one, other = _value(left, facts), _value(right, facts)
            return None if one is None or other is None else _COMPARE[type(kind)](one, other)
    value = _value(node, facts)
    return None if value is None else bool(value)


def _value(node: ast.expr, facts: Facts) -> object:
    if isinstance(node, ast.Name):
        return is_protected(facts) if node.id == "protected" else facts.get(node.id)
    return ast.literal_eval(node)


def _not(truth: bool | None) -> bool | None:
    return None if truth is None else not truth


def _all(truths: Iterable[bool | None]) -> bool | None:
    """Kleene's and: one False decides, else one unknown does."""
    seen = set(truths)
    return False if False in seen else (None if None in seen else True)
