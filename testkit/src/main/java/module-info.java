// SPDX-License-Identifier: Apache-2.0

/**
 * Strict machines for tests, made for each test and closed after it, which fails if something
 * leaked.
 */
module dev.memremap.testkit {
  requires transitive dev.memremap;
  requires static transitive org.junit.jupiter.api;
  requires static org.junit.platform.commons;
  requires static org.jspecify;

  exports dev.memremap.testkit;
}
