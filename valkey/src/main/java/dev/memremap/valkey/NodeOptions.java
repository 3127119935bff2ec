// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.LettuceVersion;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SslOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import io.lettuce.core.resource.Delay;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * A place in the words of Lettuce.
 *
 * @param password of the user, by whatever way it is known
 */
record NodeOptions(Place place, String password) {
  private static final int THREADS = 2;
  private static final Duration HANDSHAKE = Duration.ofSeconds(5);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(10);
  private static final Duration LONGEST_PAUSE = Duration.ofMillis(200);

  /** How long a handshake may take: the first one of a JVM loads hundreds of classes. */
  private Duration handshakeTimeout() {
    return place.timeout().compareTo(HANDSHAKE) > 0 ? place.timeout() : HANDSHAKE;
  }

  /** How long one command may take: half of what a read or a write may. */
  Duration commandTimeout() {
    return place.timeout().dividedBy(2);
  }

  /** Threads of its own, and short pauses between attempts to connect. */
  ClientResources resources() {
    return DefaultClientResources.builder()
        .ioThreadPoolSize(THREADS)
        .computationThreadPoolSize(THREADS)
        .reconnectDelay(Delay.exponential(FIRST_PAUSE, LONGEST_PAUSE, 2, TimeUnit.MILLISECONDS))
        .build();
  }

  /**
   * Nothing waits for a connection that is gone, and nothing waits for ever.
   *
   * @param isFirst whether this JVM connects for the first time
   */
  <B extends ClientOptions.Builder> B filled(B options, boolean isFirst) {
    options
        .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
        .socketOptions(
            SocketOptions.builder()
                .connectTimeout(isFirst ? handshakeTimeout() : commandTimeout())
                .keepAlive(true)
                .tcpNoDelay(true)
                .build())
        .timeoutOptions(TimeoutOptions.enabled(commandTimeout()))
        .scriptCharset(StandardCharsets.UTF_8)
        .sslOptions(encryption());
    return options;
  }

  /** How connections are encrypted, and whom they trust. */
  SslOptions encryption() {
    SslOptions.Builder ssl = SslOptions.builder().jdkSslProvider();
    if (place.authority() != null) {
      ssl.trustManager(place.authority().toFile());
    }
    return ssl.build();
  }

  /** A host as Lettuce names it. */
  RedisURI uri(Place.Host host) {
    RedisURI.Builder uri =
        named().withHost(host.name()).withPort(host.port()).withDatabase(place.database());
    return common(uri);
  }

  /** Sentinels as Lettuce names them. They have no users of their own here. */
  RedisURI sentinels() {
    RedisURI.Builder uri =
        named().withSentinelMasterId(place.master()).withDatabase(place.database());
    for (Place.Host host : place.hosts()) {
      uri.withSentinel(
          named()
              .withHost(host.name())
              .withPort(host.port())
              .withSsl(place.encrypted())
              .withTimeout(handshakeTimeout())
              .build());
    }
    return common(uri);
  }

  /** A jar that Lettuce was packed into may have a version with spaces, which Lettuce refuses. */
  private static RedisURI.Builder named() {
    return RedisURI.builder().withLibraryVersion(LettuceVersion.getVersion().replace(' ', '-'));
  }

  private RedisURI common(RedisURI.Builder uri) {
    uri.withSsl(place.encrypted())
        .withClientName(place.clientName())
        .withTimeout(handshakeTimeout());
    if (!place.user().isEmpty()) {
      uri.withAuthentication(place.user(), password.toCharArray());
    } else if (!password.isEmpty()) {
      uri.withPassword(password.toCharArray());
    }
    return uri.build();
  }
}
