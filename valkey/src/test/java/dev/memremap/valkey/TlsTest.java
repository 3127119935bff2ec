// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memremap.pager.store.MarkedPages;
import dev.memremap.pager.store.PageStore;
import dev.memremap.pager.store.StoreException;
import dev.memremap.valkey.servers.Certificates;
import dev.memremap.valkey.servers.Engine;
import dev.memremap.valkey.servers.NeedsServers;
import dev.memremap.valkey.servers.RunningNode;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store behind TLS. */
@NeedsServers
class TlsTest {
  private static final int PAGE = 4096;

  @TempDir private Path folder;

  @Test
  @DisplayName(
      "a node whose certificate is trusted keeps pages; one that is not trusted, or speaks no TLS, is refused")
  void encrypted() throws Exception {
    Certificates made = Certificates.make(folder);
    int port = RunningNode.freePort();
    try (RunningNode node =
        RunningNode.start(
            Engine.VALKEY,
            folder,
            "--tls-port",
            "" + port,
            "--tls-cert-file",
            made.certificate().toString(),
            "--tls-key-file",
            made.key().toString(),
            "--tls-auth-clients",
            "no")) {
      ValkeyLocation location = ValkeyStore.at("valkeys://127.0.0.1:" + port);
      MemorySegment room = Arena.ofAuto().allocate(PAGE);
      try (PageStore store = location.authority(made.certificate()).open(10, PAGE)) {
        MarkedPages.fill(room, 3, 1);
        store.write(3, room);
        store.flush();
        assertThat(MarkedPages.version(store.read(3, 1, room), 3)).isEqualTo(1);
        assertThat(node.ask("CLIENT", "LIST")).contains(":" + port + " ").contains("name=memremap");
      }
      StoreException untrusted =
          catchThrowableOfType(StoreException.class, () -> location.open(10, PAGE));
      assertThat(untrusted).hasMessageContaining("its certificate is not trusted");
      StoreException plain =
          catchThrowableOfType(
              StoreException.class,
              () ->
                  ValkeyStore.at("valkeys://" + node.address())
                      .timeout(java.time.Duration.ofMillis(200))
                      .open(10, PAGE));
      assertThat(plain).hasMessageContaining("cannot be opened");
      StoreException missing =
          catchThrowableOfType(
              StoreException.class,
              () -> location.authority(folder.resolve("none.pem")).open(10, PAGE));
      assertThat(missing).hasMessageContaining("none.pem");
    }
  }
}
