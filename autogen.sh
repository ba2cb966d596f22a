#!/bin/sh
# Makes ./configure.  Needs autoconf, automake, libtool and pkg-config.
cd "$(dirname "$0")" || exit 1
exec autoreconf --install --force --warnings=all,no-obsolete,no-portability
