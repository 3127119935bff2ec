// SPDX-License-Identifier: Apache-2.0
package dev.memremap.testing;

import dev.memremap.IoMemory;
import dev.memremap.rule.MemremapException;
import java.util.function.Supplier;

/**
 * Accesses to registers whose memory goes away, after they were made so often where it was there
 * that the JVM has compiled them. A program calls this in a JVM of its own, for a fault that is not
 * handled ends it.
 *
 * <p>It prints one line for each width, direction and byte order: how many of the accesses to lost
 * memory ended in a {@link MemremapException} before they returned, and how many in anything else.
 */
public final class LostRegisters {
  /** How many accesses each line is about. */
  public static final int ACCESSES = 1_000;

  /** How many lines a run prints. */
  public static final int LINES = 16;

  /** Where accesses that read put what they read. */
  private static long sum;

  /** Registers, and what takes their memory away. */
  public interface Device extends AutoCloseable {
    IoMemory registers();

    /** Takes the memory behind the registers away, under their mapping. */
    void pull();

    @Override
    void close();
  }

  private LostRegisters() {}

  /**
   * Runs all accesses.
   *
   * @param name begins each line
   * @param devices gives a new device for each line
   * @param rounds how often an access is made before the memory goes
   */
  public static void run(String name, Supplier<Device> devices, int rounds) {
    for (boolean big : new boolean[] {false, true}) {
      for (boolean write : new boolean[] {false, true}) {
        for (int width = 8; width <= 64; width *= 2) {
          int kind = width + (write ? 1 : 0);
          try (Device device = devices.get()) {
            IoMemory little = device.registers();
            IoMemory registers = big ? little.bigEndian() : little;
            for (int i = 0; i < rounds; i++) {
              if (ended(kind, registers, 8L * (i & 63)) != 0) {
                throw new IllegalStateException("an access failed while the memory was there");
              }
            }
            device.pull();
            System.out.printf(
                "%s %d bits %s %s: %s%n",
                name,
                width,
                write ? "written" : "read",
                big ? "big endian" : "little endian",
                counted(kind, registers));
          }
        }
      }
    }
  }

  private static String counted(int kind, IoMemory registers) {
    int typed = 0;
    int late = 0;
    for (int i = 0; i < ACCESSES; i++) {
      try {
        typed += ended(kind, registers, 8L * (i & 63)) == 1 ? 1 : 0;
      } catch (InternalError e) {
        late++;
      }
    }
    return "%d of %d typed, %d errors later".formatted(typed, ACCESSES, late);
  }

  /** Makes one access: 1 if it ended in a MemremapException, 0 if it returned, 2 for any other. */
  private static int ended(int kind, IoMemory registers, long at) {
    boolean returned = false;
    try {
      switch (kind) {
        case 8 -> sum += registers.read8(at);
        case 9 -> registers.write8(at, 1);
        case 16 -> sum += registers.read16(at);
        case 17 -> registers.write16(at, 1);
        case 32 -> registers.read32(at); // as a driver reads to have its writes arrive
        case 33 -> registers.write32(at, 1);
        case 64 -> sum += registers.read64(at);
        case 65 -> registers.write64(at, 1);
        default -> throw new IllegalArgumentException("" + kind);
      }
      returned = true;
      return 0;
    } catch (MemremapException e) {
      return returned ? 2 : 1;
    } catch (InternalError e) {
      return 2;
    }
  }
}
