#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Stages the commit as a release, with a key of its own; looks at all that Maven Central asks for; builds projects that
# use it; and builds it again elsewhere to compare the bytes: bash release/test/stage-test.sh
# What is not committed does not count. Where valkey/fetch-servers has put Valkey, pages lie in a node of it, too.
set -uo pipefail
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
name=stage-test
. "$root/release/launcher.sh"
need_jdk java javac
need mvn git gpg unzip

version=99.0
work=$(mktemp -d)
trap 'gpgconf --kill all; rm -rf -- "$work"' EXIT
export GNUPGHOME=$work/keys
mkdir -m 700 -- "$GNUPGHOME"
gpg --quiet --batch --pinentry-mode loopback --passphrase '' --quick-generate-key 'memremap test <test@memremap.invalid>' \
  ed25519 sign never 2>/dev/null || exit

. "$root/cli/src/test/sh/checks.sh"

git clone -q -- "$root" "$work/here" || exit
(umask 022 && TZ=UTC LC_ALL=C bash "$work/here/release/stage" -Drevision="$version") >"$work/log" 2>&1 || {
  cat "$work/log"
  exit 1
}
staging=$work/here/target/staging
commit=$(git -C "$root" rev-parse --short=7 HEAD)
[ -n "$(property last.release)" ] ||
  check "without an earlier release it says so" yes "$(contains "no earlier release" "$(<"$work/log")")"

published="bom core linux pager testkit valkey"
check "what is published is this" "$(printf 'memremap-%s\n' $published)" "$(ls "$staging/dev/memremap")"
for module in $published; do
  folder=$staging/dev/memremap/memremap-$module/$version
  files=(.pom)
  [ "$module" = bom ] || files+=(.jar -sources.jar -javadoc.jar)
  files+=(-cyclonedx.json -cyclonedx.xml)
  for kind in "${files[@]}"; do
    file=$folder/memremap-$module-$version$kind
    for sum in md5 sha1 sha256 sha512; do
      check "$sum of memremap-$module$kind" "$("${sum}sum" <"$file" | cut -d' ' -f1)" "$(cat "$file.$sum")"
    done
    check "signature of memremap-$module$kind" yes "$(gpg --quiet --verify "$file.asc" "$file" 2>/dev/null && echo yes)"
  done
  pom=$(<"$folder/memremap-$module-$version.pom")
  for element in name description url licenses developers scm; do
    check "$element in the pom of $module" yes "$(contains "<$element>" "${pom/<scm [^>]*>/<scm>}" | head -c 3)"
  done
  check "no pom has a parent or a variable" no "$(grep -qE '<parent>|\$\{(revision|commit)' <<<"$pom" && echo yes || echo no)"
  [ "$module" != bom ] || continue
  for kind in .jar -sources.jar -javadoc.jar; do
    for file in LICENSE NOTICE; do
      check "$file in memremap-$module$kind" "$(<"$root/$file")" "$(unzip -p "$folder/memremap-$module-$version$kind" "META-INF/$file")"
    done
  done
  check "the manifest of $module has version and commit" "Implementation-Version: $version ($commit)" \
    "$(unzip -p "$folder/memremap-$module-$version.jar" META-INF/MANIFEST.MF | tr -d '\r' | grep '^Implementation-V')"
  check "the Javadoc of $module begins with the overview" yes \
    "$(contains "$(sed -n 's|.*<title>\(.*\)</title>.*|\1|p' "$root/$module/src/main/javadoc/overview.html" | head -c 8)" \
      "$(unzip -p "$folder/memremap-$module-$version-javadoc.jar" index.html)")"
done
check "memremap-core needs the JDK alone" no \
  "$(grep -q '<scope>\(compile\|runtime\)<' "$staging/dev/memremap/memremap-core/$version/memremap-core-$version.pom" && echo yes || echo no)"
# groupId, artifactId and scope of what a published pom lets its users have
needed() {
  tr -d ' \n' <"$staging/dev/memremap/memremap-$1/$version/memremap-$1-$version.pom" |
    grep -oP '<dependency><groupId>\K.*?(?=</scope>)' | sed 's|</groupId><artifactId>|:|; s|</artifactId>.*<scope>| |' |
    grep -E ' (compile|runtime)$'
}
check "memremap-valkey needs the pager to compile, and Lettuce and its netty to run" "dev.memremap:memremap-pager compile
io.lettuce:lettuce-core runtime
io.netty:netty-common runtime
io.netty:netty-handler runtime
io.netty:netty-resolver-dns runtime
io.netty:netty-transport runtime" "$(needed valkey)"

# where the artifacts of the main build lie, plugins come from there; staging has installed ours there, too, so its folder
# is asked first
cat >"$work/settings.xml" <<SETTINGS
<settings>
  <profiles>
    <profile>
      <id>here</id>
      <repositories>
        <repository>
          <id>staging</id>
          <url>file://$staging</url>
        </repository>
        <repository>
          <id>here</id>
          <url>file://$HOME/.m2/repository</url>
          <snapshots><enabled>false</enabled></snapshots>
        </repository>
      </repositories>
      <pluginRepositories>
        <pluginRepository>
          <id>here</id>
          <url>file://$HOME/.m2/repository</url>
          <snapshots><enabled>false</enabled></snapshots>
        </pluginRepository>
      </pluginRepositories>
    </profile>
  </profiles>
  <activeProfiles><activeProfile>here</activeProfile></activeProfiles>
</settings>
SETTINGS
cp -r -- "$root/release/consumers" "$work/consumers"
(cd -- "$work/consumers" && JAVA_HOME=$jdk mvn -B -ntp -q -s "$work/settings.xml" -Dmaven.repo.local="$work/repository" \
  -Dstaging="file://$staging" -Dmemremap.version="$version" test) >"$work/log" 2>&1
status=$?
[ "$status" = 0 ] || cat "$work/log"
check "projects that use the library build, and their test passes" 0 "$status"
check "ours come from the staging folder alone" "" "$(grep -rl '>here=' "$work/repository/dev/memremap")"
check "with the jar that was staged" "$(sha256sum <"$staging/dev/memremap/memremap-core/$version/memremap-core-$version.jar")" \
  "$(sha256sum <"$work/repository/dev/memremap/memremap-core/$version/memremap-core-$version.jar")"
path() { printf '%s:%s' "$work/consumers/$1/target/classes" "$(<"$work/consumers/$1/target/path")"; }
check "a program runs with it on the class path" 123456789abcdef "$("$jdk/bin/java" -cp "$(path class-path)" user.User 2>&1)"
check "and on the module path" 123456789abcdef "$("$jdk/bin/java" -p "$(path module-path)" -m user/user.User 2>&1)"
# Micrometer is optional, and comes only to a project that asks for it; HdrHistogram is for the pager's worker
histogram=$(sed -n 's|.*<hdrhistogram.version>\(.*\)</hdrhistogram.version>.*|\1|p' "$root/pom.xml")
check "nothing but our jars and HdrHistogram is needed" \
  "$(printf '%s\n' "HdrHistogram-$histogram.jar" "memremap-core-$version.jar" "memremap-linux-$version.jar" "memremap-pager-$version.jar")" \
  "$(tr : '\n' <"$work/consumers/module-path/target/path" | sed 's|.*/||' | LC_ALL=C sort)"
check "remote memory is served with it on the class path" "32640 after 256 pages came back" \
  "$("$jdk/bin/java" --enable-native-access=ALL-UNNAMED -cp "$(path class-path)" user.Remote "$work/store-1" 2>&1)"
check "and on the module path" "32640 after 256 pages came back" \
  "$("$jdk/bin/java" --enable-native-access=dev.memremap.pager -p "$(path module-path)" -m user/user.Remote "$work/store-2" 2>&1)"

# what a project gets that names memremap-valkey alone; of those that Lettuce chooses, without version
value() { sed -n "s|.*<$1.version>\(.*\)</$1.version>.*|\1|p" "$root/pom.xml"; }
netty=$(value netty)
check "with the store in Valkey come Lettuce, without SLF4J, and netty of one version" \
  "$(printf '%s\n' "HdrHistogram-$histogram.jar" "lettuce-core-$(value lettuce).jar" memremap-{core,pager,valkey}"-$version.jar" \
    netty-{buffer,codec,codec-dns,common,handler,resolver,resolver-dns,transport,transport-native-unix-common}"-$netty.jar" \
    reactive-streams reactor-core redis-authx-core | LC_ALL=C sort)" \
  "$(tr : '\n' <"$work/consumers/valkey-module-path/target/path" | sed -E 's|.*/||; s/^(re[^0-9]*)-[0-9].*/\1/' | LC_ALL=C sort)"

in_node() { # class-path or module-path, the location of a store
  case $1 in
    class-path) "$jdk/bin/java" --enable-native-access=ALL-UNNAMED -cp "$(path valkey-class-path)" user.InNode "$2" 2>&1 ;;
    module-path) "$jdk/bin/java" --enable-native-access=dev.memremap.pager -p "$(path valkey-module-path)" -m user/user.InNode "$2" 2>&1 ;;
  esac
}
servers=${XDG_CACHE_HOME:-$HOME/.cache}/memremap/servers/valkey/usr
ask() { LD_LIBRARY_PATH=$(echo "$servers"/lib/*-linux-gnu) timeout 20 "$servers/bin/valkey-cli" -h 127.0.0.1 -p "$port" "$@"; }
start_node() { # on loopback, at a port that is free; it ends when this script does
  local tries
  mkdir -p -- "$work/node"
  for ((tries = 0; tries < 500; tries++)); do
    if ((tries % 100 == 0)); then
      [ -z "${held:-}" ] || exec {held}>&-
      port=$((10000 + RANDOM % 20000))
      exec {held}> >(LD_LIBRARY_PATH=$(echo "$servers"/lib/*-linux-gnu) exec sh -c '"$@" >"$0" 2>&1 </dev/null & cat; kill -9 $!' \
        "$work/node/log" "$servers/bin/valkey-server" --port "$port" --bind 127.0.0.1 --dir "$work/node" --save '')
    fi
    # another program's answers with its own folder
    [ "$(ask CONFIG GET dir 2>/dev/null | tail -1)" != "$work/node" ] || return 0
    sleep 0.1
  done
  cat -- "$work/node/log"
  return 1
}
for kind in class-path module-path; do
  # at this port no node listens
  check "a store in Valkey that is not there is named, $kind" yes \
    "$(contains "no connection; look whether the node runs" "$(in_node "$kind" valkey://127.0.0.1:1)")"
done
if [ -x "$servers/bin/valkey-server" ]; then
  start_node
  check "a node of Valkey starts" 0 $?
  for kind in class-path module-path; do
    check "remote memory is served from a node of Valkey, $kind" "32896 after 256 pages came back" \
      "$(in_node "$kind" "valkey://127.0.0.1:$port?prefix=$kind")"
    check "and its pages lie there, $kind" 256 "$(ask --scan --pattern "{$kind:0}*" | grep -vc fence)"
  done
  exec {held}>&-
elif [ -n "${MEMREMAP_SERVERS_REQUIRED:-}" ]; then
  check "Valkey lies in $servers" yes "no: run valkey/fetch-servers"
else
  echo "SKIPPED: remote memory in a node of Valkey; valkey/fetch-servers puts one into $servers"
fi

mkdir -p -- "$work/elsewhere/and deeper"
(umask 002 && git clone -q -- "$root" "$work/elsewhere/and deeper/tree") || exit
(umask 002 && TZ=Asia/Kathmandu LC_ALL=de_DE.UTF-8 MAVEN_OPTS="-Duser.language=de -Duser.country=DE" \
  bash "$work/elsewhere/and deeper/tree/release/stage" -Drevision="$version" -Dgpg.skip=true) >"$work/log" 2>&1 || {
  cat "$work/log"
  exit 1
}
check "another folder, time zone, umask and language give the same bytes" "" \
  "$(diff -rq -x '*.asc*' -x 'maven-metadata*' "$staging" "$work/elsewhere/and deeper/tree/target/staging")"

sum_up
