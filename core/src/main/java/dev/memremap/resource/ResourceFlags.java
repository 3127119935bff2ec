// SPDX-License-Identifier: Apache-2.0
package dev.memremap.resource;

/**
 * The flag bits of a resource, with the kernel's values.
 *
 * <p>Thread safety: stateless.
 */
public final class ResourceFlags {
  /** The bits that hold a resource's type. */
  public static final long TYPE_MASK = 0x1f00;

  /** Type: I/O ports. */
  public static final long IO = 0x100;

  /** Type: memory. */
  public static final long MEM = 0x200;

  /** Reads have no side effects. */
  public static final long PREFETCH = 0x2000;

  /** Writes have no effect. */
  public static final long READONLY = 0x4000;

  /** A 64-bit address. */
  public static final long MEM_64 = 0x100000;

  /** A bridge's window. */
  public static final long WINDOW = 0x200000;

  /** Several users take turns: a request for it waits. */
  public static final long MUXED = 0x400000;

  /** Extended type: System RAM. */
  public static final long SYSRAM = 0x01000000;

  /** System RAM that a driver added. */
  public static final long SYSRAM_DRIVER_MANAGED = 0x02000000;

  /** Not even readable by programs while held. */
  public static final long EXCLUSIVE = 0x08000000;

  /** Not in use. */
  public static final long DISABLED = 0x10000000;

  /** No address is assigned yet. */
  public static final long UNSET = 0x20000000;

  /** A driver holds it. */
  public static final long BUSY = 0x80000000L;

  /** System RAM, as passed to {@code region_intersects}: both bits must be set. */
  public static final long SYSTEM_RAM = MEM | SYSRAM;

  private ResourceFlags() {}
}
