// SPDX-License-Identifier: Apache-2.0

/** Machines in the browser: a server of this computer, and pages that need none. */
module dev.memremap.serve {
  requires transitive dev.memremap;
  requires transitive dev.memremap.drawing;
  requires transitive dev.memremap.scenario;
  requires java.management;
  requires java.management.rmi;
  requires jdk.attach;
  requires jdk.httpserver;
  requires micrometer.core;
  requires micrometer.registry.prometheus;
  requires tools.jackson.databind;
  requires static transitive org.jspecify;

  exports dev.memremap.serve;
}
