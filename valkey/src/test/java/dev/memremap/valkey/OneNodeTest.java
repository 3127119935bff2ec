// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.memremap.pager.store.MarkedPages;
import dev.memremap.pager.store.PageStore;
import dev.memremap.pager.store.StoreException;
import dev.memremap.pager.store.StoreException.Kind;
import dev.memremap.pager.store.StoreOwner;
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
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a store does when its node, another writer or a late answer is in the way. */
@NeedsServers
class OneNodeTest {
  private static final int PAGE = 4096;

  @TempDir private Path folder;
  private RunningNode node;
  private final MemorySegment room = Arena.ofAuto().allocate(PAGE);

  @BeforeEach
  void start() throws Exception {
    node = RunningNode.start(Engine.VALKEY, folder);
  }

  @AfterEach
  void end() {
    node.close();
  }

  private ValkeyLocation location() {
    return ValkeyStore.at("valkey://" + node.address()).timeout(Duration.ofMillis(600));
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

  private String key(byte[] key) {
    return new String(key, StandardCharsets.US_ASCII);
  }

  private PageKeys keys() {
    return new PageKeys("memremap", PAGE);
  }

  @Test
  @DisplayName(
      "a writer whose lease ended while it stood still is refused, on pages that the next one has not written as well")
  void formerWriter() throws Exception {
    try (PageStore former = location().open(1000, PAGE)) {
      write(former, 0, 1);
      write(former, 1, 1);
      node.ask("DEL", key(keys().lease()));
      try (PageStore next = location().open(1000, PAGE)) {
        assertThat(version(next, 0)).isEqualTo(1);
        // page 1 lies in the part that was read, and its own value is still the former writer's
        StoreException refused = refused(() -> write(former, 1, 2));
        assertThat(refused.kind()).isEqualTo(Kind.TAKEN);
        assertThat(refused).hasMessageContaining("another writer took it");
        assertThat(version(next, 1)).isEqualTo(1);
        assertThat(refused(() -> former.read(0, 1, room)).kind()).isEqualTo(Kind.TAKEN);
        assertThat(refused(former::flush).kind()).isEqualTo(Kind.TAKEN);
        former.close();
        write(next, 1, 3);
        assertThat(version(next, 1)).isEqualTo(3);
      }
    }
  }

  @Test
  @DisplayName("a former writer that only reads is refused where the next one has been")
  void formerReader() throws Exception {
    try (PageStore former = location().open(1000, PAGE)) {
      write(former, 0, 1);
      node.ask("DEL", key(keys().lease()));
      try (PageStore next = location().open(1000, PAGE)) {
        write(next, 0, 2);
        assertThat(refused(() -> former.read(0, 1, room)).kind()).isEqualTo(Kind.TAKEN);
      }
    }
  }

  @Test
  @DisplayName(
      "a lease that nothing else took is taken again, and one of a computer that is gone says until when it holds")
  void leases() throws Exception {
    try (PageStore store = location().open(10, PAGE)) {
      node.ask("DEL", key(keys().lease()));
      store.flush();
      assertThat(node.ask("PTTL", key(keys().lease()))).matches("[0-9]{4}|10000");
    }
    node.ask("SET", key(keys().lease()), "1 token other-system/1 77 1 elsewhere", "PX", "60000");
    StoreException refused = refused(() -> location().open(10, PAGE));
    assertThat(refused.kind()).isEqualTo(Kind.TAKEN);
    assertThat(refused)
        .hasMessageContaining("process 77 of elsewhere has it")
        .hasMessageMatching(".*the store is free at \\d\\d:\\d\\d:\\d\\d, in (60|59|58|57) s");
    node.ask("PEXPIRE", key(keys().lease()), "1");
    RunningCluster.await(() -> node.ask("EXISTS", key(keys().lease())).equals("0"));
    location().open(10, PAGE).close();
  }

  @Test
  @DisplayName(
      "a memory that was killed has the store again, unless another one has had it since, or it was emptied")
  void owners() throws Exception {
    StoreOwner mine = StoreOwner.again(1L << 40, "");
    PageStore first = location().open(1000, PAGE, StoreOwner.first(1L << 40));
    write(first, 0, 1);
    first.close();
    for (int i = 0; i < 2; i++) {
      try (PageStore again = location().open(1000, PAGE, mine)) {
        assertThat(version(again, 0)).isEqualTo(1);
      }
    }
    location().open(1000, PAGE, StoreOwner.first((1L << 40) + 1)).close();
    anotherHadIt(() -> location().open(1000, PAGE, mine));
    location().open(1000, PAGE, StoreOwner.first(1L << 40)).close();
    location().open(1000, PAGE).close();
    anotherHadIt(() -> location().open(1000, PAGE, mine));
    location().open(1000, PAGE, StoreOwner.first(1L << 40)).close();
    node.ask("INCR", key(keys().epoch())); // as a writer of an older version does
    anotherHadIt(() -> location().open(1000, PAGE, mine));
    node.ask("FLUSHALL");
    StoreException gone = refused(() -> location().open(1000, PAGE, mine));
    assertThat(gone.kind()).isEqualTo(Kind.DAMAGED);
    assertThat(gone).hasMessageContaining("the keys of the lease are gone");
    assertThat(node.ask("DBSIZE")).isEqualTo("0");
  }

  private static void anotherHadIt(ThrowingCallable open) {
    StoreException refused = refused(open);
    assertThat(refused.kind()).isEqualTo(Kind.TAKEN);
    assertThat(refused)
        .hasMessageContaining("process %d of ", ProcessHandle.current().pid())
        .hasMessageContaining("has had it meanwhile, as another memory");
  }

  @Test
  @DisplayName("a write that arrives late overwrites no newer one, nor a page that is zeros by now")
  void lateWrites() throws Exception {
    try (ValkeyStore store = (ValkeyStore) location().open(10, PAGE)) {
      MarkedPages.fill(room, 3, 7);
      byte[] late = PageValue.of(3, 1, 1_000, room);
      Place place = PlaceText.read(location().uri());
      try (Nodes other = Nodes.of(new NodeOptions(place, ""))) {
        Attempts attempts = new Attempts(other, new Troubles(other, keys()));
        for (MemorySegment newer : new MemorySegment[] {room, null}) {
          byte[] value = PageValue.of(3, 1, 1_001, newer);
          for (byte[] each : List.of(value, late)) {
            List<Object> answer =
                Deadline.in(Duration.ofSeconds(10))
                    .await(
                        attempts.run(
                            Script.WRITE, keys().pages(3, 1), List.of(Attempts.bytes(1), each)));
            assertThat(answer).containsExactly(0L);
          }
          assertThat(node.ask("STRLEN", key(keys().page(3)))).isEqualTo("" + value.length);
        }
        assertThat(version(store, 3)).isZero();
      }
    }
  }

  @Test
  @DisplayName("scripts that a node has forgotten are told to it again")
  void forgottenScripts() throws Exception {
    try (PageStore store = location().open(10, PAGE)) {
      write(store, 0, 1);
      node.ask("SCRIPT", "FLUSH");
      write(store, 0, 2);
      assertThat(version(store, 0)).isEqualTo(2);
    }
  }

  @Test
  @DisplayName("a node that was emptied is noticed: no page of it is taken for zeros")
  void emptied() throws Exception {
    try (PageStore store = location().timeout(Duration.ofMinutes(1)).open(1000, PAGE)) {
      write(store, 0, 1);
      node.ask("FLUSHALL");
      StoreException refused = refused(() -> version(store, 0));
      assertThat(refused.kind()).isEqualTo(Kind.DAMAGED);
      assertThat(refused).hasMessageContaining("is gone").hasMessageContaining("was emptied");
      assertThat(refused(store::flush).kind()).isEqualTo(Kind.DAMAGED);
    }
    PageStore store = location().timeout(Duration.ofMinutes(1)).open(1000, PAGE);
    node.ask("FLUSHALL");
    assertThat(refused(store::flush)).hasMessageContaining("the keys of the lease are gone");
    store.close();
  }

  @Test
  @DisplayName(
      "a node that is killed, and one that stands still, are named; when it answers again all goes on")
  void outages() throws Exception {
    try (PageStore store = location().open(10, PAGE)) {
      write(store, 0, 1);
      node.signal("STOP");
      StoreException late = refused(() -> version(store, 0));
      assertThat(late.kind()).isEqualTo(Kind.OUTAGE);
      assertThat(late).hasMessageContaining("page 0 not read: no answer in time");
      assertThat(late.page()).hasValue(0);
      assertThat(refused(() -> write(store, 0, 2))).hasMessageContaining("page 0 not written");
      node.signal("CONT");
      RunningCluster.await(() -> isRead(store));
      assertThat(version(store, 0)).isBetween(1L, 2L);
      node.ask("CONFIG", "SET", "save", "1 1");
      node.ask("SAVE");
      node.kill();
      assertThat(refused(() -> version(store, 0)).getMessage())
          .contains("page 0 not read: no connection; look whether the node runs");
      node.run();
      RunningCluster.await(() -> isRead(store));
    }
    node.kill();
    assertThat(refused(() -> location().open(10, PAGE)))
        .hasMessageContaining("cannot be opened: no connection")
        .hasMessageContaining("refused");
    node.run();
  }

  private boolean isRead(PageStore store) {
    try {
      store.read(0, 1, room);
      return true;
    } catch (StoreException e) {
      return false;
    }
  }

  @Test
  @DisplayName("a late answer leaves memory alone that its read has given back")
  void lateAnswer() throws Exception {
    try (PageStore store = location().open(10, PAGE)) {
      write(store, 0, 1);
      version(store, 0);
      node.signal("STOP");
      refused(() -> store.read(0, 1, room));
      room.fill((byte) 7);
      node.signal("CONT");
      RunningCluster.await(() -> isOther(store));
      assertThat(room.mismatch(Arena.ofAuto().allocate(PAGE).fill((byte) 7))).isEqualTo(-1);
    }
  }

  private boolean isOther(PageStore store) {
    try {
      store.read(1, 1, Arena.ofAuto().allocate(PAGE));
      return true;
    } catch (StoreException e) {
      return false;
    }
  }

  @Test
  @DisplayName(
      "a full memory, a replica, a disk that is full, and a policy that throws keys away each get a sentence")
  void refusals() throws Exception {
    try (PageStore store = location().open(10, PAGE)) {
      write(store, 0, 1);
      node.ask("CONFIG", "SET", "maxmemory", "1");
      StoreException full = refused(() -> write(store, 1, 1));
      assertThat(full.kind()).isEqualTo(Kind.OUTAGE);
      assertThat(full).hasMessageContaining("page 1 not written: the node's memory is full");
      assertThat(version(store, 0)).isEqualTo(1);
      node.ask("CONFIG", "SET", "maxmemory", "0");
      node.ask("CONFIG", "SET", "min-replicas-to-write", "1");
      assertThat(refused(() -> write(store, 1, 1)))
          .hasMessageContaining("too few replicas are in step");
      node.ask("CONFIG", "SET", "min-replicas-to-write", "0");
      node.ask("REPLICAOF", "127.0.0.1", "1");
      assertThat(refused(() -> write(store, 1, 1)).getMessage())
          .containsAnyOf("the node is a replica now", "has lost its master");
      node.ask("REPLICAOF", "NO", "ONE");
      write(store, 1, 1);
    }
    node.ask("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
    StoreException policy = refused(() -> location().open(10, PAGE));
    assertThat(policy.kind()).isEqualTo(Kind.UNFIT);
    assertThat(policy).hasMessageContaining("allkeys-lru").hasMessageContaining("noeviction");
  }

  @Test
  @DisplayName(
      "users of the ACL: a wrong password, a missing one, a missing permission, and a password in a file")
  void users() throws Exception {
    node.ask(
        "ACL",
        "SETUSER",
        "app",
        "on",
        ">s3cret",
        "~{memremap*",
        "+@read",
        "+@write",
        "+@scripting",
        "+@connection",
        "+wait",
        "+info");
    node.ask("ACL", "SETUSER", "poor", "on", ">s3cret", "~{other*", "+@all");
    Path file = Files.writeString(folder.resolve("password"), "s3cret\n");
    for (ValkeyLocation good :
        List.of(location().user("app", "s3cret"), location().user("app", file))) {
      try (PageStore store = good.clientName("pages-of-app").open(10, PAGE)) {
        write(store, 0, 1);
        store.flush();
        assertThat(version(store, 0)).isEqualTo(1);
        assertThat(node.ask("CLIENT", "LIST")).contains("name=pages-of-app").contains("user=app");
      }
    }
    StoreException wrong = refused(() -> location().user("app", "gue55").open(10, PAGE));
    assertThat(wrong)
        .hasMessageContaining("does not take this user and password")
        .hasMessageNotContaining("gue55");
    assertThat(refused(() -> location().user("poor", "s3cret").open(10, PAGE)))
        .hasMessageContaining("the user may not do that");
    Path none = folder.resolve("none");
    assertThat(refused(() -> location().user("app", none).open(10, PAGE)))
        .hasMessageContaining("the file of its password, " + none);
    node.ask("CONFIG", "SET", "requirepass", "s3cret");
    assertThat(refused(() -> location().open(10, PAGE)))
        .hasMessageContaining("the node wants a password");
  }

  @Test
  @DisplayName("what lies there and is not of this version is refused and left as it is")
  void foreign() throws Exception {
    node.ask("SET", key(keys().geometry()), "9 x");
    StoreException refused = refused(() -> location().open(10, PAGE));
    assertThat(refused.kind()).isEqualTo(Kind.UNFIT);
    assertThat(refused).hasMessageContaining("another version of memremap ('9 x')");
    assertThat(node.ask("DBSIZE")).isEqualTo("1");
    StoreException large = refused(() -> location().keyPrefix("l").open(1, 128 << 20));
    assertThat(large.kind()).isEqualTo(Kind.UNFIT);
    assertThat(large).hasMessageContaining("too large for a value");
  }

  @Test
  @DisplayName("a flush that needs a replica is refused where it has none")
  void replicas() throws Exception {
    ValkeyLocation one = location().timeout(Duration.ofSeconds(2)).replicas(1);
    assertThat(refused(() -> one.open(10, PAGE)))
        .hasMessageContaining("too few replicas have what was written")
        .hasMessageContaining("0 of 1");
  }
}
