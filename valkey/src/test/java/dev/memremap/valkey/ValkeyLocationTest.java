// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.memremap.pager.store.StoreLocation;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Places as text. No node is asked. */
class ValkeyLocationTest {
  @ParameterizedTest
  @CsvSource({
    "redis://host, valkey://host:6379",
    "rediss://host:1/3, valkeys://host:1/3",
    "valkey://[::1]:7, valkey://[::1]:7",
    "'redis://a,b:2', 'valkey://a:6379,b:2'",
    "valkey://end.example?cluster=true, valkey://end.example:6379?cluster=true",
    "'redis-sentinel://a,b/1?master=m', 'valkey-sentinel://a:26379,b:26379/1?master=m'",
    "valkeys-sentinel://a?master=m&prefix=p, valkeys-sentinel://a:26379?master=m&prefix=p",
    "valkey://u@h?password-file=/run/p%20w, valkey://u@h:6379?password-file=/run/p%20w",
    "valkey://h?timeout=500ms&lease=20s&replicas=1, valkey://h:6379?timeout=500ms&lease=20s&replicas=1",
    "valkey://h?prefix=memremap&timeout=2s&own-reads=true, valkey://h:6379",
    "valkey://h?own-reads=false, valkey://h:6379?own-reads=false",
  })
  @DisplayName("a location is found by each of its schemes, and has one text")
  void texts(String given, String written) {
    StoreLocation location = StoreLocation.of(URI.create(given));
    assertThat(location).isInstanceOf(ValkeyLocation.class).hasToString(written);
    assertThat(location.uri()).hasToString(written);
    assertThat(StoreLocation.of(location.uri())).isEqualTo(location);
  }

  @ParameterizedTest
  @CsvSource({
    "valkey:host, names no host",
    "valkey:///x, names no host",
    "valkey://h:0, port 0 is not from 1 to 65535",
    "valkey://h:65536, port 65536 is not from 1 to 65535",
    "valkey://h:123456, port 123456 is not from 1 to 65535",
    "'valkey://a,,b', does not name a host",
    "'valkey://a,b?cluster=false', several hosts are a cluster",
    "'valkey://a,b/1', a cluster has no database but 0",
    "valkey://h/x, does not number a database",
    "valkey://h#x, has no meaning here",
    "valkey-sentinel://h, names no master",
    "valkey-sentinel://h?master=m&cluster=true, a cluster has no Sentinels",
    "valkey://h?master=m, is for Sentinels",
    "valkey://h?colour=red, is not known: there are",
    "valkey://h?prefix, and a value",
    "valkey://h?prefix=a&prefix=b, once",
    "valkey://h?prefix=a%7Bb, give letters",
    "valkey://h?timeout=1, write 2s or 500ms",
    "valkey://h?timeout=1ms, give 50ms to 3600s",
    "valkey://h?lease=500ms, give 1s to 3600s",
    "valkey://h?replicas=all, is a number",
    "valkey://h?cluster=yes, true or false",
  })
  @DisplayName("a text that names no place is refused by a sentence that shows how to write one")
  void wrongTexts(String given, String said) {
    assertThatThrownBy(() -> StoreLocation.of(URI.create(given)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(given)
        .hasMessageContaining(said)
        .hasMessageContaining("write it as valkey://host:6379");
  }

  @Test
  @DisplayName("a password travels in the text, and is shown nowhere")
  void password() {
    ValkeyLocation location =
        ValkeyStore.at("valkey://h").user("app", "s3cret@:/?#+% é").keyPrefix("x");
    assertThat(location).hasToString("valkey://app:***@h:6379?prefix=x");
    assertThat(StoreLocation.of(location.uri())).isEqualTo(location);
    assertThat(StoreLocation.shown(location.uri())).hasToString(location.toString());
    assertThat(StoreLocation.of(URI.create("redis://:s3cret@h")))
        .hasToString("valkey://:***@h:6379");
    assertThatThrownBy(() -> ValkeyStore.at("valkey://app:s3cret@h:0"))
        .hasMessageContaining("app:***@h:0")
        .hasMessageNotContaining("s3cret");
    assertThatThrownBy(() -> StoreLocation.of(URI.create("tape://app:s3cret@h")))
        .hasMessageContaining("app:***@h")
        .hasMessageNotContaining("s3cret");
  }

  @Test
  @DisplayName("each method changes one thing, as the parameter of its name does")
  void methods() {
    ValkeyLocation location =
        ValkeyStore.at("valkey://h")
            .user("app", Path.of("/run/password"))
            .keyPrefix("p")
            .clientName("c")
            .timeout(Duration.ofMillis(300))
            .lease(Duration.ofSeconds(4))
            .replicas(0)
            .authority(Path.of("/etc/ca.pem"))
            .ownReads(false);
    assertThat(location)
        .isEqualTo(
            ValkeyStore.at(
                "valkey://app@h?password-file=/run/password&prefix=p&client=c&timeout=300ms&lease=4s&replicas=0&authority=/etc/ca.pem&own-reads=false"));
    assertThatThrownBy(() -> location.lease(Duration.ofDays(1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(location.user("other", "x").toString()).startsWith("valkey://other:***@h:6379?");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-a", "a b", "a}"})
  @DisplayName("a prefix that would not stay in its braces is refused")
  void prefixes(String prefix) {
    assertThatThrownBy(() -> ValkeyStore.at("valkey://h").keyPrefix(prefix))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
