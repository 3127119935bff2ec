// SPDX-License-Identifier: Apache-2.0
package dev.memremap;

import dev.memremap.cache.CacheMode;

/** A kind of mapping: where it is made, by whom, and what it says of itself. */
enum MappingKind {
  DIRECT_MAP("none", Place.RAM, Maker.MACHINE),
  DIRECT_MAP_OF_A_DEVICE("none", Place.RAM, Maker.DEVICE),
  STRICT_SLICE("none", Place.RAM, Maker.STRICT),
  STRICT_SLICE_OF_A_DEVICE("none", Place.RAM, Maker.STRICT_DEVICE),
  ENCRYPTED_DIRECT_MAP("sme", Place.RAM, Maker.MACHINE),
  OWN("none", Place.PMEM, Maker.MACHINE),
  OWN_OF_A_DEVICE("none", Place.PMEM, Maker.DEVICE),
  COMBINING("none", Place.BAR, Maker.MACHINE),
  COMBINING_OF_A_DEVICE("none", Place.BAR, Maker.DEVICE),
  ENCRYPTED("tdx", Place.RESERVED, Maker.MACHINE),
  CIPHERTEXT_OF_THE_KERNEL("sme", Place.KERNEL, Maker.MACHINE),
  CIPHERTEXT_OF_A_DEVICE("sme", Place.KERNEL, Maker.DEVICE),
  PLAIN_SEEN_ENCRYPTED("tdx", Place.PMEM, Maker.MACHINE),
  PLAIN_SEEN_ENCRYPTED_OF_A_DEVICE("tdx", Place.PMEM, Maker.DEVICE),
  ATTACHED("none", Place.ATTACHED, Maker.MACHINE),
  ATTACHED_OF_A_DEVICE("none", Place.ATTACHED, Maker.DEVICE),
  ATTACHED_READ_ONLY("none", Place.READ_ONLY, Maker.MACHINE),
  ATTACHED_SEEN_ENCRYPTED("tdx", Place.ATTACHED, Maker.MACHINE),
  ATTACHED_READ_ONLY_SEEN_ENCRYPTED("tdx", Place.READ_ONLY, Maker.MACHINE);

  private final String encryption;
  private final Place place;
  private final Maker maker;

  MappingKind(String encryption, Place place, Maker maker) {
    this.encryption = encryption;
    this.place = place;
    this.maker = maker;
  }

  /** The machine's mem-encrypt. */
  String encryption() {
    return encryption;
  }

  Place place() {
    return place;
  }

  /** The first byte's address; of attached memory, in the memory attached. */
  long start() {
    return place.start;
  }

  boolean isDirect() {
    return place == Place.RAM;
  }

  boolean isTransformed() {
    return (place == Place.KERNEL && encryption.equals("sme"))
        || (place != Place.RESERVED && encryption.equals("tdx"));
  }

  boolean isEncrypted() {
    return encryption.equals("tdx") || (encryption.equals("sme") && place == Place.RAM);
  }

  boolean isAttached() {
    return place == Place.ATTACHED || place == Place.READ_ONLY;
  }

  boolean isReadOnly() {
    return place == Place.READ_ONLY;
  }

  boolean isManaged() {
    return maker == Maker.DEVICE || maker == Maker.STRICT_DEVICE;
  }

  boolean isStrict() {
    return maker == Maker.STRICT || maker == Maker.STRICT_DEVICE;
  }

  /** Whether a segment handed out earlier can still be read after the close. */
  boolean staysReadable() {
    return isManaged() ? !isTransformed() : isDirect() && !isStrict();
  }

  CacheMode mode() {
    return place == Place.BAR ? CacheMode.WC : CacheMode.WB;
  }

  /** What makes it. */
  private enum Maker {
    MACHINE,
    DEVICE,
    STRICT,
    STRICT_DEVICE
  }

  /** Where it lies; neither end of a range is aligned to anything. */
  enum Place {
    RAM(0x10000123),
    KERNEL(0x1000123),
    RESERVED(0x5e000123),
    PMEM(0x40000123),
    BAR(0xfd000123L),
    ATTACHED(0x123),
    READ_ONLY(0x123);

    private final long start;

    Place(long start) {
      this.start = start;
    }
  }
}
