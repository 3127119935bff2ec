// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import dev.memremap.valkey.servers.Engine;

/** The other way that pages come, by which they do with TLS. */
class SharedReadsContractTest extends OneNodeContract {
  SharedReadsContractTest() {
    super(Engine.VALKEY, false);
  }
}
