"""`python -m guardrail` is the command `guardrail`."""

from guardrail.cli import main

main()
