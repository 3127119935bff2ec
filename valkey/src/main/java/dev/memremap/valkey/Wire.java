// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeoutException;

/** What leads to a node, and is waited at by the thread that asks. */
interface Wire extends RespReader.Source, AutoCloseable {
  /**
   * Sends bytes, all of them.
   *
   * @throws io.lettuce.core.RedisConnectionException if the connection has ended
   */
  void send(MemorySegment bytes, int count, Deadline deadline) throws TimeoutException;

  /** Ends what another thread waits for; it gets an exception, and closes. */
  void end();

  @Override
  void close();
}
