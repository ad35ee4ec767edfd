"""python-hcl2's grammar made into tables by lark: the LALR tables as lark writes them for its stand-alone parsers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection

# What lark calls the end of the text.
END = "$END"
# The name of the group for all signs.
SIGN = "sign"
# Patterns of python-hcl2's grammar as lark has them, and what matches the same text in time and memory that do not grow
# with its square or by kilobytes a character: Python's `re` keeps a place to come back to for each turn of a group.
# That of numbers is only compiled faster.
_SAME = {
    "(?:\\/\\*(.|\n)*?(\\*\\/)|\\/\\/.*\n|#.*\n|\n[ \t]*)": r"/\*[\s\S]*?\*/|//.*\n|#.*\n|\n[ \t]*",
    r'(?:(?!\$\$\{)(?!\$\{)(?!%%\{)(?!%\{)[^"\\]|\\.|(?:\$(?!\$?\{))|(?:%(?!%?\{)))+': (
        r'(?:[^"\\$%]++|\\.|\$(?!\$?\{)|%(?!%?\{))++'
    ),
    (
        r"(?:(?:(?:\-[0-9])+|(?:\-[0-9])?(?:[0-9])+)\.(?:[0-9])+(?:(?:e|E)(?:(?:\+|\-))?(?:[0-9])+)?"
        r"|(?:(?:\-[0-9])+|(?:\-[0-9])?(?:[0-9])+)(?:e|E)(?:(?:\+|\-))?(?:[0-9])+)"
    ): r"(?:(?:-[0-9])+|(?:-[0-9])?[0-9]+)(?:\.[0-9]+(?:[eE][+-]?[0-9]+)?|[eE][+-]?[0-9]+)",
    "<<(?P<heredoc>[a-zA-Z][a-zA-Z0-9._-]*)\r?\n(?:(?:.|\n)*?\r?\n)??\\s*(?P=heredoc)\r?\n": (
        r"<<(?P<heredoc>[a-zA-Z][a-zA-Z0-9._-]*)\r?\n(?:(?![^\S\n]*+(?P=heredoc)\r?\n)[^\n]*+\n)*+[^\S\n]*(?P=heredoc)\r?\n"
    ),
    "<<-(?P<heredoc_trim>[a-zA-Z][a-zA-Z0-9._-]*)\r?\n(?:(?:.|\n)*?\r?\n)??\\s*(?P=heredoc_trim)\r?\n": (
        r"<<-(?P<trim>[a-zA-Z][a-zA-Z0-9._-]*)\r?\n(?:(?![^\S\n]*+(?P=trim)\r?\n)[^\n]*+\n)*+[^\S\n]*(?P=trim)\r?\n"
    ),
}


def make_tables() -> dict[str, Any]:
    """What `parser_tables.Tables` is made of, as plain data. Takes a second or two."""
    import hcl2.parser  # noqa: PLC0415 - heavy: only when the tables are made
    from hcl2.postlexer import OPERATOR_TYPES, PostLexer  # noqa: PLC0415 - likewise
    from lark import Lark  # noqa: PLC0415 - likewise
    from lark.grammar import Rule  # noqa: PLC0415 - likewise
    from lark.lexer import TerminalDef  # noqa: PLC0415 - likewise

    lark = Lark.open("hcl2.lark", parser="lalr", rel_to=hcl2.parser.__file__, postlex=PostLexer())
    # The data and memo from which lark's stand-alone parsers are written.
    data, memo = lark.memo_serialize([TerminalDef, Rule])
    table = data["parser"]["parser"]
    ignored = list(data["parser"]["lexer_conf"]["ignore"])
    terminals = {definition.name: definition for definition in lark.terminals}
    names: list[str] = list(dict.fromkeys([*table["tokens"].values(), END]))
    number_of = {name: number for number, name in enumerate(names)}
    rules = sorted(key for key, one in memo.items() if one["__type__"] == "Rule")
    reduction_of = {key: number for number, key in enumerate(rules)}
    number_of_state = {state: number for number, state in enumerate(table["states"])}

    accepted: dict[tuple[str, ...], int] = {}
    rows = []
    for actions in table["states"].values():
        moves: dict[str, int] = {}
        gotos = []
        for token, (reduces, argument) in actions.items():
            name = table["tokens"][token]
            if reduces:
                moves[name] = ~reduction_of[argument["@"]]
            elif name in terminals or name == END:
                moves[name] = number_of_state[argument]
            else:
                gotos.append((number_of[name], number_of_state[argument]))
        tokens = tuple(sorted(moves))
        which = accepted.setdefault(tokens, len(accepted))
        same = len(set(moves.values())) == 1
        rows.append((which, moves[tokens[0]] if same else [moves[token] for token in tokens], gotos))

    return {
        "names": names,
        "start": number_of_state[table["start_states"]["start"]],
        "end": number_of_state[table["end_states"]["start"]],
        "accepted": [[number_of[name] for name in tokens] for tokens in accepted],
        "rows": rows,
        "reductions": [_reduction(memo[key], number_of) for key in rules],
        "lexicons": [_lexicon({*tokens, *ignored}, terminals) for tokens in accepted],
        "ignored": ignored,
        "operators": sorted(OPERATOR_TYPES),
    }


def _reduction(rule: dict[str, Any], number_of: dict[str, int]) -> tuple[object, ...]:
    """A rule with what lark's tree builder does for it."""
    options, symbols = rule["options"], rule["expansion"]
    chosen = [
        (at, symbol["__type__"] == "NonTerminal" and symbol["name"].startswith("_"))
        for at, symbol in enumerate(symbols)
        if options["keep_all_tokens"] or not symbol.get("filter_out")
    ]
    single = bool(options["expand1"] and not rule["alias"])
    plain = len(chosen) == len(symbols) and not any(expands for _, expands in chosen)
    name = rule["alias"] or rule["origin"]["name"]
    # A term of one symbol is that symbol; what is left of terms are those in parentheses.
    passes = (single or name == "expr_term") and plain and len(symbols) == 1
    return len(symbols), number_of[rule["origin"]["name"]], name, passes, single, None if plain else chosen


def _pattern(terminal: Any) -> str:  # noqa: ANN401 - lark's
    found: str = terminal.pattern.to_regexp()
    return _SAME.get(found, found)


def _lexicon(names: Collection[str], terminals: dict[str, Any]) -> tuple[str, dict[str, dict[str, str]]]:
    """One pattern for some terminals, and the words that one of them would take, as lark's lexer has them."""
    import re  # noqa: PLC0415 - like the rest here

    chosen = [terminals[name] for name in names if name in terminals]
    chosen.sort(key=lambda one: (-one.priority, -one.pattern.max_width, -len(one.pattern.value), one.name))
    words: dict[str, dict[str, str]] = {}
    for word in [one for one in chosen if one.pattern.type == "str"]:
        for longer in [one for one in chosen if one.pattern.type == "re" and one.priority == word.priority]:
            match = re.match(longer.pattern.to_regexp(), word.pattern.value)
            if match is not None and match[0] == word.pattern.value:
                words.setdefault(longer.name, {})[word.pattern.value] = word.name
                chosen.remove(word)
                break
    # Signs come last, the longer ones first. One group for all of them, which takes any other character too, is
    # compiled in a fraction of the time; whoever reads it looks the sign up.
    signs: dict[str, str] = {}
    while chosen and chosen[-1].pattern.type == "str" and not chosen[-1].pattern.flags:
        sign = chosen.pop()
        signs = {sign.pattern.value: sign.name, **signs}
    patterns = [f"(?P<{one.name}>{_pattern(one)})" for one in chosen]
    if signs:
        words[SIGN] = signs
        long = [re.escape(sign) for sign in signs if len(sign) > 1]
        patterns.append(f"(?P<{SIGN}>{'|'.join([*long, '[!-~]'])})")
    return "|".join(patterns), words
