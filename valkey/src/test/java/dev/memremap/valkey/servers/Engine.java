// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey.servers;

import java.nio.file.Files;
import java.nio.file.Path;

/** A program that nodes run, as valkey/fetch-servers unpacks it. */
public enum Engine {
  VALKEY("valkey"),
  REDIS("redis");

  private final String name;

  Engine(String name) {
    this.name = name;
  }

  private static Path place() {
    String cache = System.getenv("XDG_CACHE_HOME");
    Path root =
        cache == null || cache.isEmpty()
            ? Path.of(System.getProperty("user.home"), ".cache")
            : Path.of(cache);
    return root.resolve("memremap/servers");
  }

  private Path program(String ending) {
    return place().resolve(name).resolve("usr/bin").resolve(name + ending);
  }

  Path server() {
    return program("-server");
  }

  Path client() {
    return program("-cli");
  }

  /** Where its libraries are. */
  String libraries() {
    Path lib = place().resolve(name).resolve("usr/lib");
    String triple = System.getProperty("os.arch").equals("amd64") ? "x86_64" : "aarch64";
    return lib.resolve(triple + "-linux-gnu").toString();
  }

  /** Whether it can be run. */
  static boolean areThere() {
    for (Engine each : values()) {
      if (!Files.isExecutable(each.server()) || !Files.isExecutable(each.client())) {
        return false;
      }
    }
    return true;
  }
}
