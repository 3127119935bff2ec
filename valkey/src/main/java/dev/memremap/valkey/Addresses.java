// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisConnectionStateListener;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * At which address each of Lettuce's connections is just now. After a failover it is at another
 * one, which a Sentinel has named; what does not go over that connection has to go there as well,
 * or it would find a former master, and old pages.
 *
 * <p>Thread safety: all methods may be called from any thread.
 */
final class Addresses implements RedisConnectionStateListener {
  private final Map<Object, Place.Host> hosts = new ConcurrentHashMap<>();

  @Override
  public void onRedisConnected(RedisChannelHandler<?, ?> connection, SocketAddress address) {
    if (address instanceof InetSocketAddress internet) {
      hosts.put(
          connection, new Place.Host(internet.getAddress().getHostAddress(), internet.getPort()));
    }
  }

  @Override
  public void onRedisDisconnected(RedisChannelHandler<?, ?> connection) {
    hosts.remove(connection);
  }

  /** Null while it is not connected. */
  Place.@Nullable Host of(Object connection) {
    return hosts.get(connection);
  }
}
