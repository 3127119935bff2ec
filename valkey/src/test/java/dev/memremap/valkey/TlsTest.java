// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memremap.pager.store.MarkedPages;
import dev.memremap.pager.store.PageStore;
import dev.memremap.pager.store.StoreException;
import dev.memremap.valkey.servers.Certificates;
import dev.memremap.valkey.servers.Engine;
import dev.memremap.valkey.servers.NeedsServers;
import dev.memremap.valkey.servers.RunningNode;
import io.lettuce.core.RedisConnectionException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;

/** A store behind TLS. */
@NeedsServers
class TlsTest {
  private static final int PAGE = 4096;

  @TempDir private Path folder;

  private RunningNode start(Certificates made, int port) throws Exception {
    return RunningNode.start(
        Engine.VALKEY,
        folder,
        "--tls-port",
        "" + port,
        "--tls-cert-file",
        made.certificate().toString(),
        "--tls-key-file",
        made.key().toString(),
        "--tls-auth-clients",
        "no");
  }

  @EachPath
  @DisplayName("many pages at once come whole, also after the node has closed all connections")
  void manyPages(boolean own) throws Exception {
    int pages = 256;
    Certificates made = Certificates.make(folder);
    int port = RunningNode.freePort();
    try (RunningNode node = start(made, port);
        PageStore store =
            ValkeyStore.at("valkeys://127.0.0.1:" + port)
                .authority(made.certificate())
                .ownReads(own)
                .timeout(Duration.ofSeconds(20))
                .open(pages, PAGE)) {
      MemorySegment room = Arena.ofAuto().allocate((long) pages * PAGE);
      for (int page = 0; page < pages; page++) {
        MarkedPages.fill(room.asSlice((long) page * PAGE, PAGE), page, 7);
      }
      store.write(0, room);
      store.flush();
      for (int round = 0; round < 3; round++) {
        room.fill((byte) 1);
        store.read(0, pages, room);
        for (int page = 0; page < pages; page++) {
          MemorySegment one = room.asSlice((long) page * PAGE, PAGE);
          assertThat(MarkedPages.version(one, page)).as("page %d", page).isEqualTo(7);
        }
        // Lettuce names itself to the node, and what we read over ourselves does not
        boolean isRead =
            node.ask("CLIENT", "LIST")
                .lines()
                .anyMatch(line -> line.contains("cmd=mget") && line.contains("lib-name= "));
        assertThat(isRead).isEqualTo(own);
        node.ask("CLIENT", "KILL", "TYPE", "normal");
      }
    }
  }

  @EachPath
  @DisplayName("a certificate of another name is refused where pages are read, too")
  void otherName(boolean own) throws Exception {
    Certificates made = Certificates.make(folder); // of 127.0.0.1
    int port = RunningNode.freePort();
    try (RunningNode node = start(made, port)) {
      StoreException refused =
          catchThrowableOfType(
              StoreException.class,
              () ->
                  ValkeyStore.at("valkeys://localhost:" + port)
                      .authority(made.certificate())
                      .ownReads(own)
                      .open(10, PAGE));
      assertThat(refused).hasMessageContaining("its certificate is not trusted");
      Encryption encryption =
          new Encryption(
              new NodeOptions(
                  PlaceText.read(
                      ValkeyStore.at("valkeys://localhost:" + port)
                          .authority(made.certificate())
                          .uri()),
                  ""));
      OwnSocket socket =
          OwnSocket.connect(
              InetAddress.getLoopbackAddress(),
              port,
              "localhost:" + port,
              Duration.ofSeconds(10),
              Deadline.in(Duration.ofSeconds(10)));
      assertThatThrownBy(
              () ->
                  EncryptedSocket.over(
                      socket,
                      encryption.engine(new Place.Host("localhost", port)),
                      Deadline.in(Duration.ofSeconds(10))))
          .isInstanceOf(RedisConnectionException.class)
          .hasMessageContaining("localhost");
      assertThat(node.ask("PING")).contains("PONG");
    }
  }

  @EachPath
  @DisplayName(
      "a node whose certificate is trusted keeps pages; one that is not trusted, or speaks no TLS, is refused")
  void encrypted(boolean own) throws Exception {
    Certificates made = Certificates.make(folder);
    int port = RunningNode.freePort();
    try (RunningNode node = start(made, port)) {
      ValkeyLocation location = ValkeyStore.at("valkeys://127.0.0.1:" + port).ownReads(own);
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
                      .timeout(Duration.ofMillis(200))
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
