#!/usr/bin/env bash
# Sends heartbeats through brokers of these versions, each a process of its own with its own jars from Maven Central.
#
#   src-it/compatibility/brokers.sh                  the versions below
#   src-it/compatibility/brokers.sh 3.9.2 4.2.2      these
set -euo pipefail
cd "$(dirname "$0")/../.."

versions=("$@")
[[ ${#versions[@]} -gt 0 ]] || versions=(3.9.2 4.0.2 4.1.2 4.2.2 4.4.0)

rm -rf src-it/compatibility/broker/target/brokers
for version in "${versions[@]}"; do
    mvn -f src-it/compatibility/broker/pom.xml pre-integration-test -Dbroker.version="$version"
done
mvn verify -Dgates.skip -DskipTests -pl src-it/integration -am -Dit.test=BrokerVersionIT \
    -Dbroker.version="${versions[0]}" -Dtest.log=info
