"""Reads the shape of Swift code: public declarations without a doc comment, long functions.

Three kinds of declarations need no comment: a witness in an extension that adds a conformance, a
witness whose meaning the language or a contract fixes (`==`, `hash(into:)`, `rows(for:)`), and a
property in the unbroken lines under a documented one, where one comment speaks for the group.
"""
import pathlib
import re

DECLARATION = re.compile(
    r"^\s*(?:@\w+(?:\([^)]*\))?\s+)*public\s+(?:[\w()]+\s+)*?"
    r"(func|var|let|init|subscript|struct|class|enum|actor|protocol|typealias|macro|associatedtype)\b"
    r"\s*([-<>=!&|+*/~%^]+|[^\s(<:{=]*)"
)
REQUIREMENT = re.compile(
    r"^\s*(?:(?:static|mutating|nonisolated)\s+)*(func|var|init|subscript|associatedtype)\b\s*([\w]*)"
)
PROPERTY = re.compile(r"\b(let|var)\b")
OPENING = re.compile(r"\b(protocol|extension|struct|class|enum|actor)\b([^{]*)\{")
FIXED_WITNESSES = {
    "==", "<", "hash", "description", "debugDescription", "customMirror", "makeIterator", "next",
    "startIndex", "endIndex", "index", "encode", "rawValue", "expansion",
}
# The requirements of the project's protocols are documented where they are stated.
SOURCES = pathlib.Path(__file__).parent.parent / "Sources"
for source in SOURCES.rglob("*.swift"):
    for protocol in re.finditer(r"^public protocol \w+.*?^}", source.read_text(), re.M | re.S):
        for requirement in re.finditer(r"^  (?:static |mutating )*(?:func|var) (\w+)", protocol.group(), re.M):
            FIXED_WITNESSES.add(requirement.group(1))
FIXED_INITIALIZER = re.compile(r"init\??\(\s*(\w+Literal|from decoder|rawValue)\b")


STOPS = re.compile(r"^\s*$|[{}]|^\s*(public|package|internal|private|static|func|var|let|case)\b")


def is_documented(lines, number):
    """Whether a doc comment stands above line `number` (from 0), attributes between them or not."""
    above = number - 1
    while above >= 0 and not lines[above].lstrip().startswith(("///", "*/")):
        if STOPS.search(lines[above]):
            return False
        above -= 1
    return above >= 0


def undocumented(lines, code):
    """(line, name) of every finding; `code` is the text with comments and strings blanked."""
    scopes, opening, grouped, was_declaration = [], "", False, False
    for number, line in enumerate(code):
        inside = scopes[-1] if scopes else ""
        declaration = DECLARATION.match(line)
        if not declaration and inside == "protocol":
            declaration = REQUIREMENT.match(line)
        if declaration:
            keyword, name = declaration.groups()
            in_group = was_declaration and grouped and keyword in ("let", "var", "associatedtype")
            fine = (
                is_documented(lines, number)
                or in_group
                or inside == "conformance"
                or name in FIXED_WITNESSES
                or FIXED_INITIALIZER.search(line)
            )
            if not fine:
                yield number + 1, name.strip("?") or keyword
            grouped = fine and keyword in ("let", "var", "associatedtype")
        was_declaration = bool(declaration)
        opening += " " + line
        for index, sign in enumerate(line):
            if sign == "{":
                scopes.append(scope_of(opening[: len(opening) - len(line) + index + 1]))
                opening = line[index + 1 :].rjust(len(line))
            elif sign == "}":
                scopes = scopes[:-1]
                opening = line[index + 1 :].rjust(len(line))
        if re.search(r"[;}]\s*$", line) or not line.strip():
            opening = ""


def scope_of(text):
    found = list(OPENING.finditer(text))
    if not found:
        return "body"
    keyword, rest = found[-1].groups()
    if keyword == "protocol":
        return "protocol"
    conforms = keyword == "extension" and ":" in rest.split(" where ")[0]
    return "conformance" if conforms else "type"


def long_functions(code, limit):
    """(line, lines) of every function whose body is longer than the limit."""
    scopes, opening = [], ""
    for number, line in enumerate(code):
        opening += " "
        for sign in line:
            if sign == "{":
                is_function = re.search(r"\b(func|init|deinit|subscript)\b[^}]*$", opening)
                scopes.append((number, bool(is_function)))
            elif sign == "}" and scopes:
                start, is_function = scopes.pop()
                if is_function and number - start - 1 > limit:
                    yield start + 1, number - start - 1
            opening = "" if sign in "{};" else opening + sign
        if not line.strip():
            opening = ""
