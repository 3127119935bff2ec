// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.memremap.pager.store.PageStore;
import dev.memremap.valkey.servers.Engine;
import dev.memremap.valkey.servers.RunningCluster;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/** A cluster to which something happens while eight threads write to a store in it. */
final class ChangedCluster implements AutoCloseable {
  private static final int PAGES = ModelWriters.PAGES;
  private static final int PAGE = ModelWriters.PAGE;

  private final String what;
  private final RunningCluster cluster;
  private final ValkeyLocation location;
  private PageStore store;
  private ModelWriters writers;

  private ChangedCluster(String what, RunningCluster cluster) {
    this.what = what;
    this.cluster = cluster;
    this.location = ValkeyStore.at("valkey://" + cluster.hosts()).lease(Duration.ofSeconds(30));
  }

  /**
   * Starts it, and returns when each page was written twice.
   *
   * @param what happens to it
   */
  static ChangedCluster start(Path folder, String what) throws Exception {
    ChangedCluster changed = new ChangedCluster(what, RunningCluster.start(Engine.VALKEY, folder));
    try {
      changed.store = changed.location.open(PAGES, PAGE);
      changed.writers = new ModelWriters(changed.store);
      changed.writers.awaitRounds(2);
      return changed;
    } catch (Exception | AssertionError e) {
      changed.close();
      throw e;
    }
  }

  RunningCluster cluster() {
    return cluster;
  }

  PageStore store() {
    return store;
  }

  ModelWriters writers() {
    return writers;
  }

  /**
   * Flushes, has the threads go on, and compares all pages with what the threads know: in the open
   * store, in the one that is opened after it, and between masters and replicas.
   */
  void isWhole() throws Exception {
    long[] flushed = writers.model();
    ModelWriters.flush(store);
    writers.awaitRounds(2);
    writers.close();
    long[] last = writers.model();
    assertThat(ModelWriters.versions(store)).isEqualTo(last);
    ModelWriters.flush(store);
    store.close();
    System.out.printf("%s: the longest write took %d ms%n", what, writers.longestMillis());
    try (PageStore again = Patience.until(() -> location.open(PAGES, PAGE))) {
      assertThat(ModelWriters.versions(again)).isEqualTo(last);
    }
    for (int i = 0; i < flushed.length; i++) {
      assertThat(last[i]).isGreaterThanOrEqualTo(flushed[i]);
    }
    RunningCluster.await(this::replicasAgree);
  }

  /** Whether each replica that lives has the keys and values of its master. */
  private boolean replicasAgree() throws IOException {
    return cluster.digests().values().stream().allMatch(each -> each.size() == 1);
  }

  @Override
  public void close() throws Exception {
    try (cluster;
        PageStore open = store) {
      if (writers != null) {
        writers.close();
      }
    }
  }
}
