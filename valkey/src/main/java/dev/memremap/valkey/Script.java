// SPDX-License-Identifier: Apache-2.0
package dev.memremap.valkey;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What a node does in one step. Each answers with a list. Lua compares strings by the node's
 * language, so that versions are compared as numbers. A node whose memory is full does all but
 * {@link #WRITE}, or its pages could not even be read.
 */
enum Script {
  /**
   * Takes the lease. Keys: geometry, epoch, lease, owner. Arguments: the geometry; the lease that
   * may be replaced, or nothing; how the new one goes on behind its epoch; its milliseconds; the
   * geometry that may be replaced, or nothing; the owner's number; 1 if that owner has had the
   * store before, and then nothing is made, and no other may have had the lease since. A writer of
   * an older version raises the epoch and leaves the owner, so the owner's begins with its epoch.
   */
  ATTACH(
      """
      #!lua flags=allow-oom
      local has = redis.call('GET', KEYS[1])
      if has and has ~= ARGV[1] and has ~= ARGV[5] then return {'geometry', has} end
      if ARGV[7] == '1' then
        local owner = redis.call('GET', KEYS[4])
        local newest = redis.call('GET', KEYS[2])
        if not has or not owner or not newest then return {'gone'} end
        local mine = newest .. ' ' .. ARGV[6] .. ' '
        if string.sub(owner, 1, #mine) ~= mine then return {'another', owner} end
      end
      local lease = redis.call('GET', KEYS[3])
      if lease and lease ~= ARGV[2] then
        return {'taken', lease, redis.call('PTTL', KEYS[3])}
      end
      if has ~= ARGV[1] then redis.call('SET', KEYS[1], ARGV[1]) end
      local epoch = redis.call('INCR', KEYS[2])
      redis.call('SET', KEYS[3], epoch .. ' ' .. ARGV[3], 'PX', ARGV[4])
      redis.call('SET', KEYS[4], epoch .. ' ' .. ARGV[6] .. ' ' .. ARGV[3])
      return {'yours', epoch}
      """),

  /**
   * Renews the lease, and takes it again if it has ended and there was no other since. Keys:
   * geometry, epoch, lease. Arguments: the lease; its epoch; its milliseconds.
   */
  RENEW(
      """
      #!lua flags=allow-oom
      local lease = redis.call('GET', KEYS[3])
      if lease and lease ~= ARGV[1] then return {'taken', lease} end
      local epoch = redis.call('GET', KEYS[2])
      if not epoch or not redis.call('GET', KEYS[1]) then return {'gone'} end
      if epoch ~= ARGV[2] then return {'taken', epoch} end
      redis.call('SET', KEYS[3], ARGV[1], 'PX', ARGV[3])
      return {'yours'}
      """),

  /**
   * Has the store be of another geometry, if it is still this writer's. Keys: geometry, epoch,
   * lease. Arguments: the lease; its epoch; the geometry.
   */
  CHANGE(
      """
      #!lua flags=allow-oom
      local lease = redis.call('GET', KEYS[3])
      if lease and lease ~= ARGV[1] then return {'taken', lease} end
      local epoch = redis.call('GET', KEYS[2])
      if not epoch or not redis.call('GET', KEYS[1]) then return {'gone'} end
      if epoch ~= ARGV[2] then return {'taken', epoch} end
      redis.call('SET', KEYS[1], ARGV[3])
      return {'yours'}
      """),

  /** Gives the lease up. Keys: lease. Arguments: the lease. */
  RELEASE(
      """
      #!lua flags=allow-oom
      if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
      return {'done'}
      """),

  /** Has writers of older leases refused in a part. Keys: fence. Arguments: the epoch. */
  FENCE(
      """
      #!lua flags=allow-oom
      local fence = tonumber(redis.call('GET', KEYS[1]) or '0')
      if fence > tonumber(ARGV[1]) then return {fence} end
      redis.call('SET', KEYS[1], ARGV[1])
      return {0}
      """),

  /**
   * Writes pages that have no newer value. Keys: fence, pages. Arguments: the epoch, a value for
   * each page. Answers with the fence if that is newer, else 0.
   */
  WRITE(
      """
      local mine = tonumber(ARGV[1])
      local fence = tonumber(redis.call('GET', KEYS[1]) or '0')
      if fence > mine then return {fence} end
      if fence < mine then redis.call('SET', KEYS[1], ARGV[1]) end
      for i = 2, #KEYS do
        local has = redis.call('GETRANGE', KEYS[i], 0, 15)
        local newer = false
        if #has == 16 then
          local epoch, high, low, check = struct.unpack('>I4I4I4I4', has)
          local count = high * 4294967296 + low
          if epoch == mine and (epoch * 40503 + count) % 4294967291 == check then
            local _, newHigh, newLow = struct.unpack('>I4I4I4', ARGV[i])
            newer = count > newHigh * 4294967296 + newLow
          end
        end
        if not newer then redis.call('SET', KEYS[i], ARGV[i]) end
      end
      return {0}
      """),

  /**
   * Says which pages are older than they were written, as a node may have them that became the
   * master; and writes something, for which a WAIT can wait. Keys: fence, pages. Arguments: the
   * epoch, the first 12 bytes of each value. Answers with the fence if that is newer, else 0; and
   * the places of the pages among the keys, from 0 on.
   */
  LOOK(
      """
      #!lua flags=allow-oom
      local mine = tonumber(ARGV[1])
      local fence = tonumber(redis.call('GET', KEYS[1]) or '0')
      if fence > mine then return {fence} end
      redis.call('SET', KEYS[1], ARGV[1])
      local answer = {0}
      for i = 2, #KEYS do
        local has = redis.call('GETRANGE', KEYS[i], 0, 11)
        local older = #has < 12
        if not older then
          local epoch, high, low = struct.unpack('>I4I4I4', has)
          local _, newHigh, newLow = struct.unpack('>I4I4I4', ARGV[i])
          older = epoch < mine or
            epoch == mine and high * 4294967296 + low < newHigh * 4294967296 + newLow
        end
        if older then answer[#answer + 1] = i - 2 end
      end
      return answer
      """);

  private final String text;
  private final String digest;

  Script(String text) {
    this.text = text;
    this.digest = sha1(text);
  }

  private static String sha1(String text) {
    try {
      MessageDigest sha1 = MessageDigest.getInstance("SHA-1"); // by which nodes name scripts
      return HexFormat.of().formatHex(sha1.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  String text() {
    return text;
  }

  /** By which a node finds it that has run it before. */
  String digest() {
    return digest;
  }
}
