// SPDX-License-Identifier: Apache-2.0
package dev.memremap.cli.rules;

import static dev.memremap.rule.Rule.*;

import dev.memremap.rule.Rule;
import java.util.List;
import java.util.stream.Stream;

/**
 * A function of the kernel, the method that does the same here, and the rules that both follow, or
 * that say where they differ.
 *
 * @param name the function
 * @param method a public method, as CLASS.METHOD
 * @param rules the rules that its answers cite
 */
public record KernelFunction(String name, String method, List<Rule> rules) {
  private static final List<KernelFunction> ALL =
      List.of(
          row("memremap", "Machine.memremap", W_2, MR_2, MR_3, MR_4, MR_5, MR_6, MR_7, C_6, C_12)
              .and(C_19, D_7, D_8, D_9, D_17, ENC_1, ENC_3, LIB_1, LIB_2, LIB_3, LIB_6, LIB_7)
              .and(LIB_9),
          row("memunmap", "Machine.memunmap", MU_1, D_5, LIB_4, LIB_5),
          row("devm_memremap", "Device.memremap", MU_2),
          row("devm_memunmap", "Device.memunmap", MU_3),
          row("region_intersects", "Machine.regionIntersects", RI_3, RI_5, C_6),
          row("region_intersects_soft_reserve", "Machine.regionIntersectsSoftReserve", RI_3),
          row("ioremap", "Machine.ioremap", IO_1, LIB_7),
          row("devm_ioremap", "Device.ioremap", MU_2),
          row("iounmap", "IoMemory.close", LIB_4),
          row("readb", "IoMemory.read8", LIB_8),
          row("readw", "IoMemory.read16", LIB_8),
          row("readl", "IoMemory.read32", LIB_8),
          row("readq", "IoMemory.read64", LIB_8),
          row("writeb", "IoMemory.write8", LIB_8),
          row("writew", "IoMemory.write16", LIB_8),
          row("writel", "IoMemory.write32", LIB_8),
          row("writeq", "IoMemory.write64", LIB_8),
          row("memcpy_flushcache, arch_wb_cache_pmem", "Mapping.persist", LIB_8),
          row("memtype_reserve", "Machine.memtypes", MT_1, MT_2, MT_3, MT_4, MT_5, MT_6, MT_8)
              .and(MT_9, MT_13),
          row("pat_enabled", "MachineBuilder.pat", MT_13),
          row("devm_request_mem_region", "Device.requestMemRegion", RES_5, RES_8, RES_10),
          row("devm_release_mem_region", "Device.releaseMemRegion", RES_9),
          row("insert_resource", "Machine.attach", RES_6, RES_7),
          row("request_free_mem_region", "Machine.requestFreeMemRegion", RES_11),
          row("devm_request_free_mem_region", "Device.requestFreeMemRegion", RES_10, RES_11),
          row("alloc_free_mem_region", "Machine.allocFreeMemRegion", RES_11),
          row("release_mem_region", "Machine.releaseMemRegion", RES_9),
          row("remove_resource", "Machine.removeResource", RES_7),
          row(
                  "memremap_pages",
                  "Machine.memremapPages",
                  DP_1,
                  DP_5,
                  DP_6,
                  TY_1,
                  MT_10,
                  AM_6,
                  C_1,
                  C_3)
              .and(C_4, C_11, C_13, C_17, C_18, C_19, D_1, D_2, D_10, D_11, D_13, D_16, D_20),
          row("memunmap_pages", "Machine.memunmapPages", TD_5, C_2, C_14, D_4, D_5, D_20),
          row("devm_memremap_pages", "Device.memremapPages", DP_1, C_1),
          row("devm_memunmap_pages", "Device.memunmapPages", D_5),
          row("get_dev_pagemap", "Machine.getDevPagemap", GP_3, C_18, D_3, D_12, D_19),
          row("put_dev_pagemap", "Machine.putDevPagemap", C_14, D_5),
          row("pfn_to_page", "Machine.pfnToPage", D_12),
          row("pfn_to_online_page", "Machine.page", D_12),
          row("page_to_pfn", "Machine.pageToPfn", D_12),
          row("get_page", "Page.get", D_4, D_5),
          row("put_page", "Page.put", D_4, D_5),
          row("try_get_page", "Page.tryGet", D_4),
          row("zone_device_page_init", "Page.zoneDeviceInit", D_5),
          row("folio_split", "Page.folioSplit", D_5),
          row("compound_head", "Page.head", D_16),
          row("compound_order", "Page.order", D_16),
          row("dev_pagemap_ops.migrate_to_ram", "Page.migrateToRam", TY_1),
          row("folio_mapping", "Page.mapping", MF_3),
          row("memory_failure", "Machine.memoryFailure", MF_1, MF_2, MF_3),
          row("vmem_altmap_offset", "VmemAltmap.offset", AM_6, AM_8),
          row("altmap_alloc_block_buf", "VmemAltmap.alloc", AM_6, D_13),
          row("vmem_altmap_free", "VmemAltmap.free", AM_5),
          row("percpu_ref_init", "PercpuRef.init", C_1),
          row("percpu_ref_get", "PercpuRef.get", C_14, D_5),
          row("percpu_ref_get_many", "PercpuRef.getMany", C_14, D_5),
          row("percpu_ref_put", "PercpuRef.put", C_14, D_5),
          row("percpu_ref_put_many", "PercpuRef.putMany", C_14, D_5),
          row("percpu_ref_tryget", "PercpuRef.tryGet"),
          row("percpu_ref_tryget_many", "PercpuRef.tryGetMany"),
          row("percpu_ref_tryget_live", "PercpuRef.tryGetLive"),
          row("percpu_ref_kill", "PercpuRef.kill", C_14, D_5),
          row("percpu_ref_kill_and_confirm", "PercpuRef.killAndConfirm", C_14, D_5),
          row("percpu_ref_switch_to_atomic", "PercpuRef.switchToAtomic", PR_7, D_14),
          row("percpu_ref_switch_to_atomic_sync", "PercpuRef.switchToAtomicSync", PR_7, D_14),
          row("percpu_ref_switch_to_percpu", "PercpuRef.switchToPercpu", D_14),
          row("percpu_ref_reinit", "PercpuRef.reinit", C_15),
          row("percpu_ref_resurrect", "PercpuRef.resurrect", C_15),
          row("percpu_ref_is_dying", "PercpuRef.isDying", D_14),
          row("percpu_ref_is_zero", "PercpuRef.isZero", D_18),
          row("percpu_ref_exit", "PercpuRef.exit", D_5, D_18),
          row("devres_alloc", "Devres.alloc", DR_6),
          row("devres_free", "Devres.free", DR_6),
          row("devres_add", "Devres.add", DR_6),
          row("devres_find", "Devres.find", DR_2),
          row("devres_remove", "Devres.remove", DR_2),
          row("devres_destroy", "Devres.destroy", DR_2),
          row("devres_release", "Devres.release", DR_2),
          row("devres_open_group", "Devres.openGroup", DR_5),
          row("devres_close_group", "Devres.closeGroup", DR_5),
          row("devres_remove_group", "Devres.removeGroup", DR_5),
          row("devres_release_group", "Devres.releaseGroup", DR_5),
          row("devres_release_all", "Device.release", DR_2, RES_10, C_2),
          row("devm_add_action", "Devres.addAction", DR_3),
          row("devm_add_action_or_reset", "Devres.addActionOrReset", DR_3),
          row("devm_remove_action", "Devres.removeAction", DR_4),
          row("devm_release_action", "Devres.releaseAction", DR_4),
          row("nd_namespace, nd_pfn_init", "NamespacePlan.of", NS_1, NS_2, NS_3, NS_4, NS_5, NS_6)
              .and(NS_7, NS_8, AM_8));

  private static KernelFunction row(String name, String method, Rule... rules) {
    return new KernelFunction(name, method, List.of(rules));
  }

  private KernelFunction and(Rule... more) {
    return new KernelFunction(
        name, method, Stream.concat(rules.stream(), Stream.of(more)).toList());
  }

  /** All of them. */
  public static List<KernelFunction> all() {
    return ALL;
  }

  /** Those whose answers cite a rule. */
  public static List<KernelFunction> citing(Rule rule) {
    return ALL.stream().filter(function -> function.rules.contains(rule)).toList();
  }
}
