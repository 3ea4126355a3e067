"""What Home Assistant's Supervisor makes of an app's files, said again in our own words.

No Supervisor runs where the tests do. Each rule names the file of the Supervisor that holds it, as of
version 2026.08.0 (its commit 090ef31e), so that it can be looked up when a Supervisor behaves otherwise.
Some rules are the app linter's (frenck/action-addon-linter v2.21), and say so.

Functions called `findings` return sentences, one for each thing that is refused, dropped without a word, or
advised against; none for files that are in order.
"""
