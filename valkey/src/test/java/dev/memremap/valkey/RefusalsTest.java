// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memremap.pager.store.MarkedPages;
import dev.memremap.pager.store.PageStore;
import dev.memremap.pager.store.StoreException;
import dev.memremap.pager.store.StoreException.Kind;
import dev.memremap.valkey.servers.Engine;
import dev.memremap.valkey.servers.NeedsServers;
import dev.memremap.valkey.servers.RunningCluster;
import dev.memremap.valkey.servers.RunningNode;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a real node refuses, on each way that pages are read. */
@NeedsServers
class RefusalsTest {
  private static final int PAGE = 4096;

  @TempDir private Path folder;
  private RunningNode node;
  private final MemorySegment room = Arena.ofAuto().allocate(PAGE);

  @BeforeEach
  void start() throws Exception {
    node = RunningNode.start(Engine.VALKEY, folder, "--save", "1000 1000");
  }

  @AfterEach
  void end() {
    node.close();
  }

  private ValkeyLocation location(boolean own) {
    return ValkeyStore.at("valkey://" + node.address())
        .timeout(Duration.ofMillis(600))
        .ownReads(own);
  }

  private void write(PageStore store, long page, long version) throws StoreException {
    MarkedPages.fill(room, page, version);
    store.write(page, room);
  }

  private long version(PageStore store, long page) throws StoreException {
    return MarkedPages.version(store.read(page, 1, room), page);
  }

  private static StoreException refused(ThrowingCallable call) {
    StoreException refused = catchThrowableOfType(StoreException.class, call);
    assertThat(refused).isNotNull();
    return refused;
  }

  private boolean isRead(PageStore store) {
    try {
      return version(store, 0) == 1;
    } catch (StoreException e) {
      assertThat(e.kind()).isEqualTo(Kind.OUTAGE);
      return false;
    }
  }

  @EachPath
  @DisplayName("faults go over connections of their own, or over Lettuce's")
  void path(boolean own) throws Exception {
    try (PageStore store = location(own).open(10, PAGE)) {
      write(store, 0, 1);
      String before = node.ask("CLIENT", "LIST");
      assertThat(version(store, 0)).isEqualTo(1);
      long more = node.ask("CLIENT", "LIST").lines().count() - before.lines().count();
      assertThat(more).isEqualTo(own ? 1 : 0);
    }
    assertThat(node.ask("CLIENT", "LIST").lines()).noneMatch(line -> line.contains("memremap"));
  }

  @EachPath
  @DisplayName("LOADING: a node that loads its data after its start is waited for, and named")
  void loading(boolean own) throws Exception {
    try (PageStore store = location(own).open(300, PAGE)) {
      for (int page = 0; page < 300; page++) {
        write(store, page, 1);
      }
      node.ask("CONFIG", "SET", "save", "1000 1000");
      node.ask("SAVE");
      node.kill();
      // so many microseconds for each key, and an event loop in between, so that it answers
      node.run("--key-load-delay", "20000", "--loading-process-events-interval-bytes", "1024");
      StoreException refused = refused(() -> version(store, 0));
      assertThat(refused.kind()).isEqualTo(Kind.OUTAGE);
      assertThat(refused)
          .hasMessageContaining("page 0 not read: the node is still loading its data");
      RunningCluster.await(() -> isRead(store));
    }
  }

  @EachPath
  @DisplayName("BUSY: a script that does not end is named; when it is killed, pages are read")
  void busy(boolean own) throws Exception {
    node.ask("CONFIG", "SET", "busy-reply-threshold", "10");
    try (PageStore store = location(own).open(10, PAGE)) {
      write(store, 0, 1);
      assertThat(version(store, 0)).isEqualTo(1);
      Thread script =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      node.ask("EVAL", "while true do end", "0");
                    } catch (java.io.IOException e) {
                      // it was killed
                    }
                  });
      RunningCluster.await(() -> node.ask("PING").startsWith("BUSY"));
      StoreException refused = refused(() -> version(store, 0));
      assertThat(refused.kind()).isEqualTo(Kind.OUTAGE);
      assertThat(refused)
          .hasMessageContaining("page 0 not read: the node runs a script that does not end");
      node.ask("SCRIPT", "KILL");
      script.join();
      RunningCluster.await(() -> isRead(store));
    }
  }

  @EachPath
  @DisplayName("MISCONF: a node that cannot save takes no page, and says so at once; it gives them")
  void misconfigured(boolean own) throws Exception {
    try (PageStore store = location(own).open(10, PAGE)) {
      write(store, 0, 1);
      // where a folder lies, no file can be put
      Path taken = Files.createDirectories(node.folder().resolve("dump.rdb").resolve("in-the-way"));
      node.ask("BGSAVE");
      RunningCluster.await(
          () -> node.ask("INFO", "persistence").contains("rdb_last_bgsave_status:err"));
      StoreException refused = refused(() -> write(store, 0, 2));
      assertThat(refused.kind()).isEqualTo(Kind.OUTAGE);
      assertThat(refused)
          .hasMessageContaining("page 0 not written: the node cannot save to its disk");
      assertThat(version(store, 0)).isEqualTo(1);
      Files.delete(taken);
      Files.delete(taken.getParent());
      node.ask("SAVE");
      write(store, 0, 3);
      assertThat(version(store, 0)).isEqualTo(3);
    }
  }

  @EachPath
  @DisplayName("READONLY and MASTERDOWN: a node that is a replica now is named")
  void replica(boolean own) throws Exception {
    try (PageStore store = location(own).open(10, PAGE)) {
      write(store, 0, 1);
      assertThat(version(store, 0)).isEqualTo(1);
      node.ask("CONFIG", "SET", "replica-serve-stale-data", "no");
      node.ask("REPLICAOF", "127.0.0.1", "1");
      assertThat(refused(() -> version(store, 0)))
          .hasMessageContaining("page 0 not read: the node is a replica that has lost its master");
      node.ask("REPLICAOF", "NO", "ONE");
      assertThat(version(store, 0)).isEqualTo(1);
    }
  }

  @EachPath
  @DisplayName("NOPERM: a user that may not read any more is named, and may again")
  void users(boolean own) throws Exception {
    node.ask("ACL", "SETUSER", "app", "on", ">s3cret", "~*", "+@all");
    try (PageStore store = location(own).user("app", "s3cret").open(10, PAGE)) {
      write(store, 0, 1);
      assertThat(version(store, 0)).isEqualTo(1);
      node.ask("ACL", "SETUSER", "app", "-mget");
      assertThat(refused(() -> version(store, 0)))
          .hasMessageContaining("page 0 not read: the user may not do that");
      node.ask("ACL", "SETUSER", "app", "+mget");
      assertThat(version(store, 0)).isEqualTo(1);
      node.ask("CLIENT", "KILL", "USER", "app");
      RunningCluster.await(() -> isRead(store));
    }
  }

  @Test
  @DisplayName(
      "a connection of its own is of the database, the user and the name that Lettuce's have")
  void greeting() throws Exception {
    node.ask("ACL", "SETUSER", "app", "on", ">s3cret", "~*", "+@all");
    ValkeyLocation location =
        ValkeyStore.at("valkey://%s/3?client=pages".formatted(node.address()))
            .user("app", "s3cret");
    try (PageStore store = location.open(10, PAGE)) {
      write(store, 0, 1);
      assertThat(version(store, 0)).isEqualTo(1);
      assertThat(
              node.ask("CLIENT", "LIST")
                  .lines()
                  .filter(
                      line ->
                          line.contains(" name=pages ")
                              && line.contains(" db=3 ")
                              && line.contains(" user=app ")
                              && line.contains(" resp=3 "))
                  .filter(line -> line.contains(" cmd=mget ")))
          .hasSize(1);
    }
  }

  @EachPath
  @DisplayName("a value that another program wrote, longer than any page, is a damaged page")
  void foreign(boolean own) throws Exception {
    try (PageStore store = location(own).open(10, PAGE)) {
      write(store, 0, 1);
      String key = new String(new PageKeys("memremap", PAGE).page(0), StandardCharsets.US_ASCII);
      node.ask("SET", key, "x".repeat(100_000));
      StoreException refused = refused(() -> version(store, 0));
      assertThat(refused.kind()).isEqualTo(Kind.DAMAGED);
      assertThat(refused.page()).hasValue(0);
    }
  }

  @EachPath
  @DisplayName("what the node closes is connected anew: no read fails for it")
  void killedClients(boolean own) throws Exception {
    try (PageStore store = location(own).timeout(Duration.ofSeconds(10)).open(10, PAGE)) {
      write(store, 0, 1);
      for (int i = 0; i < 5; i++) {
        node.ask("CLIENT", "KILL", "TYPE", "normal");
        assertThat(version(store, 0)).isEqualTo(1);
      }
    }
  }
}
