"""Kustomize: overlays built in process, as far as identity is concerned, with the place of every value kept.

`build(path, files)` gives the objects that a kustomization makes, as trees whose nodes stand where base or patch wrote
them, so that findings stand there too. What changes no identity (replicas, hashes of names) is left out; what may, and
is not evaluated (remote bases, plug-ins, `vars`), is said. See docs/decisions/0018-kustomize.md.
"""
