// SPDX-License-Identifier: Apache-2.0
package dev.memremap.serve;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Objects;

/**
 * Where a server listens.
 *
 * @param host an address of this computer
 * @param port the port; 0 takes a free one
 */
public record ListenAddress(InetAddress host, int port) {
  /** The port that a server takes unless it is told another. */
  public static final int PORT = 8207;

  private static final int LAST_PORT = 65_535;

  /** Checks the parts. */
  public ListenAddress {
    Objects.requireNonNull(host, "host");
    requirePort(port);
  }

  /** Returns this computer alone, which no other computer reaches. */
  public static ListenAddress loopback(int port) {
    return new ListenAddress(InetAddress.getLoopbackAddress(), port);
  }

  /**
   * Reads {@code ADDRESS}, an address in digits, such as 192.168.1.5, 0.0.0.0 or ::, or localhost.
   *
   * @throws IllegalArgumentException if it is something else; the message is a sentence
   */
  public static ListenAddress parse(String address, int port) {
    String host =
        address.startsWith("[") && address.endsWith("]")
            ? address.substring(1, address.length() - 1)
            : address;
    boolean isLiteral =
        host.equals("localhost")
            || host.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}")
            || (host.indexOf(':') >= 0 && host.matches("[0-9a-fA-F:.]+(%[0-9a-zA-Z]+)?"));
    try {
      if (isLiteral) {
        return new ListenAddress(InetAddress.getByName(host), port);
      }
    } catch (UnknownHostException wrong) {
      // said below
    }
    throw new IllegalArgumentException(
        "'%s' is not an address of this computer; write one in digits, such as 192.168.1.5, or 0.0.0.0 for all"
            .formatted(address));
  }

  private static void requirePort(int port) {
    if (port < 0 || port > LAST_PORT) {
      throw new IllegalArgumentException(
          "%d is not a port; write 1 to 65535, or 0 for a free one".formatted(port));
    }
  }

  /** Returns whether no other computer reaches it. */
  public boolean isLoopback() {
    return host.isLoopbackAddress();
  }
}
