// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The computer QEMU emulates, as its options.
 *
 * <p>Thread safety: none while it is put together; a machine keeps a copy of its own.
 */
final class GuestHardware {
  private static final long MIB = 1 << 20;

  /**
   * QEMU tells a kernel of its NVDIMMs in the order of a hash table of these names, and so the
   * kernel numbers them. These come out as they stand here, beside whatever other devices.
   */
  private static final List<String> NVDIMM_IDS =
      List.of("nvdimm0", "nvdimm2", "nvdimm4", "nvdimm6");

  /** A file that is named relatively lies in the guest's own directory, and goes with it. */
  private record Backing(Path file, long bytes) {}

  /** Its device's further options are QEMU's own, each with a comma before it. */
  private record Nvdimm(Backing backing, String options) {}

  private final List<Nvdimm> nvdimms = new ArrayList<>();
  private final List<Backing> ivshmems = new ArrayList<>();
  private final List<String> devices = new ArrayList<>();
  private long memoryBytes = 2048 * MIB;
  private int processors = 2;
  private int edus;
  private boolean i440fx;

  GuestHardware copy() {
    GuestHardware copy = new GuestHardware();
    copy.nvdimms.addAll(nvdimms);
    copy.ivshmems.addAll(ivshmems);
    copy.devices.addAll(devices);
    copy.memoryBytes = memoryBytes;
    copy.processors = processors;
    copy.edus = edus;
    copy.i440fx = i440fx;
    return copy;
  }

  void memory(long bytes) {
    memoryBytes = wholeMebibytes("memory", bytes);
  }

  void processors(int count) {
    if (count < 1 || count > 64) {
      throw new IllegalArgumentException("A guest has 1 to 64 processors, not " + count);
    }
    processors = count;
  }

  void nvdimm(Path file, long bytes) {
    nvdimm(file, bytes, "");
  }

  void nvdimm(Path file, long bytes, String options) {
    if (nvdimms.size() == NVDIMM_IDS.size()) {
      throw new IllegalArgumentException(
          "A guest has at most " + NVDIMM_IDS.size() + " NVDIMMs; this is one more");
    }
    Backing backing = new Backing(file.toAbsolutePath(), wholeMebibytes("an NVDIMM", bytes));
    nvdimms.add(new Nvdimm(backing, options));
  }

  void ivshmem(long bytes) {
    addIvshmem(Path.of("ivshmem" + ivshmems.size()), bytes);
  }

  void ivshmem(Path file, long bytes) {
    addIvshmem(file.toAbsolutePath(), bytes);
  }

  private void addIvshmem(Path file, long bytes) {
    if (Long.bitCount(wholeMebibytes("an ivshmem", bytes)) != 1) {
      throw new IllegalArgumentException(
          "A PCI BAR's size is a power of two, so an ivshmem cannot have " + bytes + " bytes");
    }
    ivshmems.add(new Backing(file, bytes));
  }

  void edu() {
    edus++;
  }

  void device(String options) {
    devices.add(options);
  }

  void i440fx() {
    i440fx = true;
  }

  boolean hasNvdimm() {
    return !nvdimms.isEmpty();
  }

  /**
   * Makes the files there and long enough, with holes; QEMU would make some and refuse others.
   *
   * @param directory the guest's own
   */
  void makeBackings(Path directory) throws IOException {
    List<Backing> all = new ArrayList<>(ivshmems);
    nvdimms.forEach(nvdimm -> all.add(nvdimm.backing));
    for (Backing backing : all) {
      try (RandomAccessFile file =
          new RandomAccessFile(directory.resolve(backing.file).toFile(), "rw")) {
        if (file.length() < backing.bytes) {
          file.setLength(backing.bytes);
        }
      }
    }
  }

  /**
   * QEMU's options.
   *
   * @param directory the guest's own
   * @throws IllegalArgumentException if that computer cannot have all that was asked for
   */
  List<String> options(Path directory, GuestArchitecture architecture) {
    List<String> options = new ArrayList<>();
    options.addAll(List.of("-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"));
    options.addAll(List.of("-machine", board(architecture)));
    options.addAll(List.of("-accel", "tcg,thread=multi"));
    options.addAll(architecture.processor());
    options.addAll(List.of("-smp", Integer.toString(processors), "-m", memoryOption()));
    options.addAll(
        List.of("-fsdev", "local,id=host,path=/,security_model=none,readonly=on,multidevs=remap"));
    if (!i440fx) {
      options.addAll(List.of("-device", "virtio-9p-pci,fsdev=host,mount_tag=host"));
    }
    for (int i = 0; i < nvdimms.size(); i++) {
      String memory = "nvdimm-memory" + i;
      Nvdimm nvdimm = nvdimms.get(i);
      options.addAll(backend(directory, nvdimm.backing, memory));
      options.addAll(
          List.of(
              "-device", "nvdimm,memdev=" + memory + ",id=" + NVDIMM_IDS.get(i) + nvdimm.options));
    }
    for (int i = 0; i < ivshmems.size(); i++) {
      String memory = "ivshmem-memory" + i;
      options.addAll(backend(directory, ivshmems.get(i), memory));
      options.addAll(List.of("-device", "ivshmem-plain,memdev=" + memory));
    }
    for (int i = 0; i < edus; i++) {
      options.addAll(List.of("-device", "edu"));
    }
    for (String device : devices) {
      options.addAll(List.of("-device", device));
    }
    if (i440fx) {
      // last and without a BAR in memory: the rest of the map is as it would be without it
      options.addAll(
          List.of(
              "-device", "virtio-9p-pci,fsdev=host,mount_tag=host,disable-modern=on,vectors=0"));
    }
    return options;
  }

  private String board(GuestArchitecture architecture) {
    if (architecture == GuestArchitecture.X86_64) {
      return (i440fx ? "pc" : "q35") + ",nvdimm=" + (hasNvdimm() ? "on" : "off");
    }
    if (i440fx || hasNvdimm()) {
      throw new IllegalArgumentException("Only an x86-64 guest is an i440FX or has NVDIMMs here");
    }
    return "virt,gic-version=3";
  }

  /** A path within an option of QEMU, whose commas would end it. */
  static String optionValue(Path path) {
    return path.toString().replace(",", ",,");
  }

  private String memoryOption() {
    String size = memoryBytes / MIB + "M";
    if (!hasNvdimm()) {
      return size;
    }
    long all = memoryBytes + nvdimms.stream().mapToLong(one -> one.backing.bytes).sum();
    // each slot may be aligned to 1 GiB
    long most = all / MIB + 1024L * (nvdimms.size() + 1);
    return size + ",slots=" + nvdimms.size() + ",maxmem=" + most + "M";
  }

  private static List<String> backend(Path directory, Backing backing, String id) {
    return List.of(
        "-object",
        "memory-backend-file,share=on,id=%s,mem-path=%s,size=%d"
            .formatted(id, optionValue(directory.resolve(backing.file)), backing.bytes));
  }

  private static long wholeMebibytes(String what, long bytes) {
    if (bytes <= 0 || bytes % MIB != 0) {
      throw new IllegalArgumentException(
          "The size of " + what + " is a multiple of 1048576 bytes, not " + bytes);
    }
    return bytes;
  }
}
