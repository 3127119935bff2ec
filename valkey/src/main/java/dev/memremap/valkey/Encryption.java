// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import io.lettuce.core.RedisConnectionException;
import io.lettuce.core.SslOptions;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.security.GeneralSecurityException;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * Makes what encrypts connections, with the settings that Lettuce has: the same authorities, and a
 * certificate has to be of the name that was connected to. Sessions are kept, so that the next
 * connection to a node agrees sooner.
 *
 * <p>Thread safety: {@code this} guards the context, which is made once.
 */
final class Encryption {
  private final SslOptions options;
  private @Nullable SslContext context;

  Encryption(NodeOptions options) {
    this.options = options.encryption();
  }

  /**
   * Returns the client's end of a connection.
   *
   * @throws RedisConnectionException if the authorities cannot be read
   */
  SSLEngine engine(Place.Host host) {
    try {
      SSLEngine made =
          context().newEngine(UnpooledByteBufAllocator.DEFAULT, host.name(), host.port());
      SSLParameters wanted = options.createSSLParameters();
      wanted.setEndpointIdentificationAlgorithm("HTTPS");
      made.setSSLParameters(wanted);
      return made;
    } catch (IOException | GeneralSecurityException e) {
      throw new RedisConnectionException("%s: %s".formatted(host, e.getMessage()), e);
    }
  }

  private synchronized SslContext context() throws IOException, GeneralSecurityException {
    SslContext made = context;
    if (made == null) {
      made = options.createSslContextBuilder().build();
      context = made;
    }
    return made;
  }
}
