// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Where the nodes are, and how they are spoken to.
 *
 * @param kind how they belong together
 * @param encrypted whether by TLS
 * @param hosts at least one
 * @param user of an ACL; empty for the default one
 * @param password empty for none
 * @param passwordFile the file whose first line is the password, which is read when the store is
 *     opened
 * @param database its number, which a cluster has none of
 * @param prefix what all keys begin with
 * @param clientName how the nodes list the connections
 * @param timeout how long a read or a write is tried
 * @param lease how long the store stays this writer's after its last word
 * @param replicas how many have to have a page that was flushed; empty for all that may be promoted
 * @param master its name, which Sentinels know
 * @param authority the file with the certificate by which the nodes' ones are judged
 * @param ownReads whether faults are read over connections of their own
 */
record Place(
    Kind kind,
    boolean encrypted,
    List<Host> hosts,
    String user,
    String password,
    @Nullable Path passwordFile,
    int database,
    String prefix,
    String clientName,
    Duration timeout,
    Duration lease,
    OptionalInt replicas,
    String master,
    @Nullable Path authority,
    boolean ownReads) {

  static final String DEFAULT_NAME = "memremap";
  static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(2);
  static final Duration DEFAULT_LEASE = Duration.ofSeconds(10);

  /** How nodes belong together. */
  enum Kind {
    /** One node. */
    NODE(6379, "one node"),
    /** A master and its replicas, of which Sentinels promote one. */
    SENTINEL(26379, "a master with Sentinels"),
    /** A cluster, which shares the keys out. */
    CLUSTER(6379, "a cluster");

    private final int port;
    private final String sentence;

    Kind(int port, String sentence) {
      this.port = port;
      this.sentence = sentence;
    }

    /** In words. */
    String sentence() {
      return sentence;
    }

    /** Where they listen unless said. */
    int port() {
      return port;
    }
  }

  /**
   * A node, a Sentinel, or the end point of a cluster.
   *
   * @param name an address of IPv6 without its brackets
   */
  record Host(String name, int port) {
    @Override
    public String toString() {
      return (name.contains(":") ? "[" + name + "]" : name) + ":" + port;
    }
  }

  /** It has a password, which is shown nowhere. */
  @Override
  public String toString() {
    return PlaceText.shown(this);
  }
}
