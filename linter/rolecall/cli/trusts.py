"""From what the user names, a file or a role, to the one trust policy that is meant."""

# ruff: noqa: PLC0415 - what reads files is imported when there is one to read
from __future__ import annotations

from typing import TYPE_CHECKING

from rolecall.cli.questions import QuestionError
from rolecall.config import meant
from rolecall.problem import Problem
from rolecall.records import dataclass

if TYPE_CHECKING:
    from rolecall.config import Settings
    from rolecall.engine import World
    from rolecall.graph.role_names import NamedTrust
    from rolecall.model import OidcProvider, TrustPolicy
    from rolecall.source import Source
    from rolecall.workspace import Workspace

_MOST_LISTED = 20


@dataclass(frozen=True, slots=True)
class Found:
    """The trust policy that is asked, and the providers that the same files declare."""

    trust: TrustPolicy
    providers: tuple[OidcProvider, ...] = ()


class Trusts:
    """The trust policies of some files and directories, read when first asked for."""

    def __init__(self, workspace: Workspace, settings: Settings | None = None) -> None:
        self.workspace = workspace
        self.worlds: dict[tuple[str, ...], World] = {}
        self._settings = settings

    def of_file(self, path: str, more: tuple[str, ...] = ()) -> Found:
        """The only trust policy that a file holds. `more`: paths with what belongs to it.

        Raises:
            QuestionError: there is none, or more than one.
        """
        trust = self._only(path, self._world((path,)))
        if not more:
            return self._found(trust, (path,))
        return self._found(trust, (path, *more))

    def of_role(self, name: str, paths: tuple[str, ...]) -> Found:
        """The trust policy of the role that is called so in the files below some paths.

        Raises:
            QuestionError: there is no such role, more than one, or its trust policy is not there.
        """
        from rolecall.graph.role_names import called, names

        world = self._world(paths)
        found = called(world.graph, name)
        where = " ".join(paths)
        if not found:
            near = meant(name, names(world.graph))
            raise QuestionError(f"there is no role of that name, ARN or address in {where}{near}")
        if len(found) > 1:
            raise QuestionError(f"several roles of {where} are called so: {_listed(found)}")
        if found[0].trust is None:
            raise QuestionError(f"the trust policy of {found[0].display} is not in {where}")
        return self._found(found[0].trust, paths)

    def _only(self, path: str, world: World) -> TrustPolicy:
        from rolecall.graph.role_names import all_named

        found = [one for one in all_named(world.graph) if one.trust is not None]
        if len(found) == 1 and found[0].trust is not None:
            return found[0].trust
        if found:
            raise QuestionError(f"{path} holds several trust policies; name a role of it: {_listed(tuple(found))}")
        for problem in world.problems:
            raise QuestionError(f"{problem.span or problem.path}: {problem.message}")
        alone = self._bare(path)
        if alone is None:
            raise QuestionError(f"{path} holds no trust policy")
        return alone

    def _bare(self, path: str) -> TrustPolicy | None:
        """A policy that names principals, though it does not look like a trust policy: whoever names the file knows."""
        from rolecall.adapt.policy import policy_document
        from rolecall.model import Origin, TrustPolicy
        from rolecall.syntax import json
        from rolecall.tree import Mapping

        source = self.workspace.read(path)
        if isinstance(source, Problem):
            return None
        if not source.text.lstrip().startswith("{"):
            return None
        document = json.document(source)
        if isinstance(document, Problem):
            raise QuestionError(f"{document.span}: {document.message}")
        if not isinstance(document.root, Mapping):
            return None
        policy = policy_document(document.root, lambda _: None)
        if not any(one.principals or one.not_principals or one.principals_rest for one in policy.statements):
            return None
        origin = Origin(path, f"the role of {path}", policy.statements[0].head, policy.span, path)
        return TrustPolicy(policy, origin)

    def _world(self, paths: tuple[str, ...]) -> World:
        if paths not in self.worlds:
            from rolecall import engine

            self.worlds[paths] = engine.read(paths, self.workspace, self._settings)
        return self.worlds[paths]

    def _found(self, trust: TrustPolicy, paths: tuple[str, ...]) -> Found:
        from rolecall.model import OidcProvider

        return Found(trust, self._world(paths).graph.all(OidcProvider))

    def source(self, path: str) -> Source | None:
        """A file that was read."""
        source = self.workspace.read(path)
        return None if isinstance(source, Problem) else source


def _listed(found: tuple[NamedTrust, ...]) -> str:
    shown = [f"{one.display} ({one.origin.address}, {one.origin.span})" for one in found[:_MOST_LISTED]]
    more = len(found) - len(shown)
    return "; ".join(shown) + (f"; and {more} more" if more else "")
