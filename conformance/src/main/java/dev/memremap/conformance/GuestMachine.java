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
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A computer in QEMU, emulated in software, that boots a kernel of its own and runs one command.
 *
 * <p>The command is root there and sees the host's files: read-only, but for {@code /tmp}, whose
 * changes stay in the guest, and {@code /run}, {@code /mnt}, {@code /dev/shm}, which start empty.
 * {@code /proc}, {@code /sys}, {@code /sys/kernel/debug} and {@code /dev} are the guest's. Nothing
 * of the host changes but the files that back an NVDIMM or an ivshmem.
 *
 * <p>Each run is a boot of its own; a machine runs as often as asked. It needs {@code
 * qemu-system-x86_64}, a static busybox and a {@link GuestKernel}, and no privilege; for a kernel
 * of arm64, {@code qemu-system-aarch64} and what {@link Arm64Files} holds.
 *
 * <p>Thread safety: immutable; its {@link Builder} is for one thread.
 */
public final class GuestMachine {
  /**
   * What every guest's kernel is told. An emulated processor stands still while the host runs
   * others, for seconds on a busy one, and a kernel takes that for broken hardware or a hang of its
   * own. Kernels from 5.10 to 7 know all of these; none changes the memory map or the page tables.
   */
  private static final List<String> ALWAYS =
      List.of(
          "panic=-1",
          // its symbols are where System.map says, and boots are alike
          "nokaslr",
          // else a processor that stood still is reported as locked up
          "nowatchdog",
          // and grace periods that lasted as stalls, with all stacks, which takes longer still
          "rcupdate.rcu_cpu_stall_suppress=1");

  private final GuestKernel kernel;
  private final GuestHardware hardware;
  private final List<String> kernelArguments;
  private final Set<String> modules;
  private final Map<String, String> environment;
  private final String directory;
  private final boolean channel;
  private final GuestLimits limits;
  private final Optional<HostTools> tools;

  private GuestMachine(Builder builder) {
    kernel = builder.kernel;
    hardware = builder.hardware.copy();
    kernelArguments = List.copyOf(builder.kernelArguments);
    modules = new LinkedHashSet<>(builder.modules);
    environment = new LinkedHashMap<>(builder.environment);
    directory = builder.directory;
    channel = builder.channel;
    limits = builder.limits;
    tools = builder.tools;
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
   * @param limit from the command's start to the guest's end; a boot has a limit of its own, {@link
   *     GuestLimits#boot}
   * @throws GuestUnavailableException if QEMU or busybox is not installed here
   * @throws GuestTimeoutException if the guest did not boot or end within a limit; it was killed
   * @throws GuestPanicException if the guest's kernel panicked
   * @throws GuestKilledException if QEMU was killed from outside
   * @throws GuestEndedException if the guest ended before the command did
   * @throws IllegalArgumentException if the kernel lacks a module that was asked for
   * @throws InterruptedException if this thread was interrupted; the guest was killed
   */
  public GuestRun run(List<String> command, Duration limit) throws InterruptedException {
    try (RunningGuest guest = start(command)) {
      return guest.await(limit);
    }
  }

  /**
   * Boots, and returns when the command was started. A guest that panics, hangs, ends or is killed
   * before that is booted again, twice at most, and a line of the log says why. Close the guest:
   * that kills it if it still runs, as the end of this JVM does.
   *
   * @throws GuestUnavailableException if QEMU or busybox is not installed here
   * @throws GuestTimeoutException if the last boot did not come to the command in time
   * @throws GuestPanicException if the guest's kernel panicked in the last boot
   * @throws GuestKilledException if QEMU was killed from outside in the last boot
   * @throws GuestEndedException if QEMU refused, or the guest could not be set up
   * @throws IllegalArgumentException if the kernel lacks a module that was asked for
   * @throws InterruptedException if this thread was interrupted; nothing of the guest is left
   */
  public RunningGuest start(List<String> command) throws InterruptedException {
    HostTools found = tools.orElseGet(() -> HostTools.find(kernel.architecture()));
    Initramfs initramfs =
        new Initramfs(
            found.busybox(),
            new KernelModules(kernel).inLoadingOrder(modules),
            new GuestCommand(command, environment, directory));
    try {
      return GuestBoot.of(() -> boot(found, initramfs), limits.boot());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts QEMU in a directory of its own: nothing of an earlier boot is in there. */
  private RunningGuest boot(HostTools found, Initramfs initramfs) throws IOException {
    ScratchDirectory scratch = ScratchDirectory.create("memremap-guest");
    try {
      GuestFiles files = new GuestFiles(scratch.path());
      hardware.makeBackings(scratch.path());
      initramfs.write(files.initramfs());
      return RunningGuest.start(qemu(found.qemu(), files), scratch);
    } catch (IOException | RuntimeException e) {
      scratch.close();
      throw e;
    }
  }

  private List<String> qemu(Path program, GuestFiles files) {
    List<String> line = new ArrayList<>();
    line.add(program.toString());
    line.addAll(hardware.options(files.directory(), kernel.architecture()));
    line.addAll(List.of("-kernel", kernel.image().toString()));
    line.addAll(List.of("-initrd", files.initramfs().toString()));
    line.addAll(List.of("-append", kernelCommandLine()));
    List<Path> ports = List.of(files.kernelLog(), files.output(), files.status());
    for (int i = 0; i < ports.size(); i++) {
      line.addAll(kernel.architecture().port(i, ports.get(i)));
    }
    if (channel) {
      line.addAll(List.of("-serial", "unix:" + files.channel() + ",server=on,wait=off"));
    }
    return line;
  }

  private String kernelCommandLine() {
    return Stream.of(kernel.architecture().kernelArguments(), ALWAYS, kernelArguments)
        .flatMap(List::stream)
        .collect(Collectors.joining(" "));
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
    private GuestLimits limits = GuestLimits.find();
    private Optional<HostTools> tools = Optional.empty();

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
      return addNvdimm(backing, bytes, "");
    }

    /**
     * Adds such an NVDIMM at an address, with labels if it has room for them.
     *
     * @param bytes a multiple of 1 MiB, the room for labels included, which is at its end
     * @param labelBytes room for labels, a multiple of the page size and at least 128 KiB; 0 for
     *     none
     * @param address of its first byte, above RAM and the 4 GiB of devices, at most 1 GiB above
     *     what the NVDIMMs before it need
     */
    public Builder nvdimm(Path backing, long bytes, long labelBytes, long address) {
      String labels = labelBytes == 0 ? "" : ",label-size=" + labelBytes;
      return addNvdimm(backing, bytes, ",addr=0x%x%s".formatted(address, labels));
    }

    private Builder addNvdimm(Path backing, long bytes, String options) {
      hardware.nvdimm(backing, bytes, options);
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

    /** Adds such a device whose bytes begin as zeros and are gone with the guest. */
    public Builder ivshmem(long bytes) {
      hardware.ivshmem(bytes);
      return this;
    }

    /** Adds QEMU's educational PCI device (vendor 1234, device 11e8): 1 MiB of registers. */
    public Builder edu() {
      hardware.edu();
      return this;
    }

    /** Adds a device in QEMU's own words, those after {@code -device}, behind all others. */
    public Builder device(String options) {
      hardware.device(options);
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

    /** Adds a fourth serial port, {@code /dev/ttyS3}, a channel both ways, to an x86-64 guest. */
    public Builder channel() {
      if (kernel.architecture() != GuestArchitecture.X86_64) {
        throw new IllegalArgumentException("Only an x86-64 guest has a channel");
      }
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

    /** With other limits than those that are set for this JVM. */
    Builder limits(GuestLimits other) {
      limits = other;
      return this;
    }

    /** With other programs than those on the search path. */
    Builder tools(HostTools other) {
      tools = Optional.of(other);
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
