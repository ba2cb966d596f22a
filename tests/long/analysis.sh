#!/bin/sh
# The slow parts of tests/lint.
set -u
KASK_LINT=$KASK_LOGS/lint exec "$KASK_SOURCE/tests/lint" analyzer tidy
