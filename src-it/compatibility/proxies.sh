#!/usr/bin/env bash
# Writes through PgBouncer, HAProxy and Pgpool-II of Debian 12. Their packages are unpacked below target/, nothing is
# installed. Elsewhere Maven takes the paths of the programs as below.
set -euo pipefail
cd "$(dirname "$0")/../.."

readonly ROOT=$PWD/src-it/compatibility/target/debian
readonly PACKAGES=(
    pgbouncer libevent-2.1-7 libc-ares2
    haproxy liblua5.3-0 libopentracing-c-wrapper0 libopentracing1
    pgpool2 libpgpool2 libmemcached11 libhashkit2
)

mkdir -p "$ROOT/packages"
(cd "$ROOT/packages" && apt-get download "${PACKAGES[@]}")
for package in "$ROOT"/packages/*.deb; do
    dpkg -x "$package" "$ROOT"
done

program() { # name: a script that runs the program with the libraries beside it, and its path
    local libraries
    libraries=$(echo "$ROOT"/usr/lib/*-linux-gnu)
    printf '#!/bin/sh\nLD_LIBRARY_PATH=%s exec %s "$@"\n' "$libraries" "$ROOT/usr/sbin/$1" > "$ROOT/$1"
    chmod +x "$ROOT/$1"
    echo "$ROOT/$1"
}

mvn verify -Dgates.skip -DskipTests -pl src-it/integration -am -Dit.test='PgBouncerIT,FailoverIT,PgPoolIT' \
    -Dtelemetry.pgbouncer="$(program pgbouncer)" \
    -Dtelemetry.haproxy="$(program haproxy)" \
    -Dtelemetry.pgpool="$(program pgpool)"
