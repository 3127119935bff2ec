// SPDX-License-Identifier: Apache-2.0
package dev.memremap.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A computer in QEMU, emulated in software, that boots a kernel of its own and runs one command.
 *
 * <p>The command is root there and sees the host's files: read-only, but for {@code /tmp}, whose
 * changes stay in the guest, and {@code /run}, {@code /mnt}, {@code /dev/shm}, which start empty.
 * {@code /proc}, {@code /sys}, {@code /sys/kernel/debug} and {@code /dev} are the guest's. Nothing
 * of the host changes but the files that back an NVDIMM or an ivshmem.
 *
 * <p>Each run is a boot of its own; a machine runs as often as asked. It needs {@code
 * qemu-system-x86_64}, a static busybox and a {@link GuestKernel}, and no privilege.
 *
 * <p>Thread safety: immutable; its {@link Builder} is for one thread.
 */
public final class GuestMachine {
  /** For how long a guest outlives its time limit if this JVM dies without a word. */
  private static final Duration ORPHANED = Duration.ofSeconds(30);

  private final GuestKernel kernel;
  private final GuestHardware hardware;
  private final List<String> kernelArguments;
  private final Set<String> modules;
  private final Map<String, String> environment;
  private final String directory;
  private final boolean channel;

  private GuestMachine(Builder builder) {
    kernel = builder.kernel;
    hardware = builder.hardware.copy();
    kernelArguments = List.copyOf(builder.kernelArguments);
    modules = new LinkedHashSet<>(builder.modules);
    environment = new LinkedHashMap<>(builder.environment);
    directory = builder.directory;
    channel = builder.channel;
  }

  /** A machine of 2 GiB and two processors without devices of interest, to be added to. */
  public static Builder builder(GuestKernel kernel) {
    return new Builder(kernel);
  }

  /** Why no guest can run here: a sentence with what to install or run; empty if one can. */
  public static Optional<String> whatIsMissing() {
    try {
      HostTools.find();
      GuestKernel.find();
      return Optional.empty();
    } catch (GuestUnavailableException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /**
   * Boots, runs the command and waits for its end.
   *
   * @param command the program, by path or by name, and its arguments
   * @param limit from QEMU's start to its end
   * @throws GuestUnavailableException if QEMU or busybox is not installed here
   * @throws GuestTimeoutException if the guest did not end within the limit; it was killed
   * @throws GuestPanicException if the guest's kernel panicked
   * @throws GuestEndedException if the guest ended before the command did
   * @throws IllegalArgumentException if the kernel lacks a module that was asked for
   * @throws InterruptedException if this thread was interrupted; the guest was killed
   */
  public GuestRun run(List<String> command, Duration limit) throws InterruptedException {
    try (RunningGuest guest = start(command, limit)) {
      return guest.await(limit);
    }
  }

  /**
   * Boots and runs the command, and returns at once. Close the guest: that kills it if it still
   * runs, as this JVM's exit does.
   *
   * @param limit after which, and half a minute more, the guest powers itself off
   * @throws GuestUnavailableException if QEMU or busybox is not installed here
   * @throws IllegalArgumentException if the kernel lacks a module that was asked for
   */
  public RunningGuest start(List<String> command, Duration limit) {
    HostTools tools = HostTools.find();
    Initramfs initramfs =
        new Initramfs(
            tools.busybox(),
            new KernelModules(kernel).inLoadingOrder(modules),
            new GuestCommand(command, environment, directory),
            limit.plus(ORPHANED));
    try {
      hardware.makeBackings();
      GuestFiles files = GuestFiles.create();
      try {
        initramfs.write(files.initramfs());
        return RunningGuest.start(qemu(tools.qemu(), files), files);
      } catch (IOException | RuntimeException e) {
        files.delete();
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<String> qemu(Path program, GuestFiles files) {
    List<String> line = new ArrayList<>();
    line.add(program.toString());
    line.addAll(hardware.options());
    line.addAll(List.of("-kernel", kernel.image().toString()));
    line.addAll(List.of("-initrd", files.initramfs().toString()));
    // without randomization its symbols are where System.map says, and boots are alike
    line.addAll(
        List.of("-append", "console=ttyS0 panic=-1 nokaslr " + String.join(" ", kernelArguments)));
    for (Path port : List.of(files.kernelLog(), files.output(), files.status())) {
      line.addAll(List.of("-serial", "file:" + port));
    }
    if (channel) {
      line.addAll(List.of("-serial", "unix:" + files.channel() + ",server=on,wait=off"));
    }
    return line;
  }

  /**
   * What a machine is made of.
   *
   * <p>Thread safety: none; one thread builds.
   */
  public static final class Builder {
    private final GuestKernel kernel;
    private final GuestHardware hardware = new GuestHardware();
    private final List<String> kernelArguments = new ArrayList<>();
    private final Set<String> modules =
        new LinkedHashSet<>(List.of("virtio_pci", "9pnet_virtio", "9p", "overlay"));
    private final Map<String, String> environment = new LinkedHashMap<>();
    private String directory = "/";
    private boolean channel;

    private Builder(GuestKernel kernel) {
      this.kernel = kernel;
    }

    /** Its RAM in bytes, a multiple of 1 MiB; 2 GiB unless told. */
    public Builder memory(long bytes) {
      hardware.memory(bytes);
      return this;
    }

    /** Its processors, 1 to 64; two unless told. */
    public Builder processors(int count) {
      hardware.processors(count);
      return this;
    }

    /**
     * Adds an NVDIMM without labels, at most four: {@code /dev/pmem0} and {@code namespace0.0} are
     * the first, and so on; legacy persistent memory that was asked for before comes before. The
     * drivers for it are loaded.
     *
     * @param backing its bytes on the host: made if absent, made longer if too short
     * @param bytes a multiple of 1 MiB; use 2 MiB or more for device DAX
     */
    public Builder nvdimm(Path backing, long bytes) {
      hardware.nvdimm(backing, bytes);
      modules.add("nfit");
      return persistentMemory();
    }

    /**
     * Adds a PCI device (vendor 1af4, device 1110) whose BAR 2 is prefetchable memory.
     *
     * @param backing its bytes on the host: made if absent, made longer if too short
     * @param bytes a power of two of 1 MiB or more
     */
    public Builder ivshmem(Path backing, long bytes) {
      hardware.ivshmem(backing, bytes);
      return this;
    }

    /** Adds QEMU's educational PCI device (vendor 1234, device 11e8): 1 MiB of registers. */
    public Builder edu() {
      hardware.edu();
      return this;
    }

    /**
     * Marks a range of RAM as legacy persistent memory, as {@code memmap=256M!1G} does. The drivers
     * for it are loaded.
     *
     * @param bytes a multiple of 1 MiB
     * @param address its first byte, within RAM
     */
    public Builder legacyPmem(long bytes, long address) {
      kernelArgument("memmap=0x%x!0x%x".formatted(bytes, address));
      modules.add("nd_e820");
      return persistentMemory();
    }

    /**
     * Makes it an i440FX computer, whose PCI window starts where its RAM ends; a Q35 unless told.
     * Its PCI devices stand in the order: ivshmem, edu, the rest.
     */
    public Builder i440fx() {
      hardware.i440fx();
      return this;
    }

    /** Adds a fourth serial port, {@code /dev/ttyS3}, a channel both ways. */
    public Builder channel() {
      channel = true;
      return this;
    }

    /** Adds one argument, or several with blanks between, to the kernel's command line. */
    public Builder kernelArgument(String argument) {
      if (argument.chars().anyMatch(c -> c < ' ' || c > '~')) {
        throw new IllegalArgumentException(
            "A kernel argument is printable ASCII, unlike " + argument);
      }
      kernelArguments.add(argument);
      return this;
    }

    /** Loads these modules too, after those they depend on and before the command. */
    public Builder modules(String... names) {
      modules.addAll(List.of(names));
      return this;
    }

    /** Sets a variable in the command's environment; only PATH, HOME and LANG are set there. */
    public Builder env(String name, String value) {
      environment.put(name, value);
      return this;
    }

    /** Sets variables in the command's environment. */
    public Builder env(Map<String, String> variables) {
      environment.putAll(variables);
      return this;
    }

    /** The command's directory; {@code /} unless told. */
    public Builder directory(Path directory) {
      this.directory = directory.toAbsolutePath().toString();
      return this;
    }

    /** The machine as it is now. */
    public GuestMachine build() {
      return new GuestMachine(this);
    }

    private Builder persistentMemory() {
      modules.addAll(List.of("nd_pmem", "device_dax", "dax_pmem"));
      return this;
    }
  }
}
