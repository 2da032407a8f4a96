package io.parley.policies.djl;

import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Keys and values of the prefixes that were sampled from last: the prompts of the next round of the same dialogues begin with
 * those of this one. A batch that is sampled in parts leaves a {@link KeyValueCache} for each, up to a number of bytes, to which
 * what is left of the batch before counts; what the parts behind them have computed is not kept.
 */
final class PrefixCache {
    private final long mostBytes;
    private final List<KeyValueCache> kept = new ArrayList<>();
    /** What the batch before has kept, while another is sampled, and which groups of it nobody has copied yet. */
    private final Map<KeyValueCache, BitSet> former = new LinkedHashMap<>();

    PrefixCache(long mostBytes) {
        this.mostBytes = mostBytes;
    }

    /** Begins a batch. */
    void begin() {
        for (KeyValueCache cache : kept) {
            BitSet groups = new BitSet();
            groups.set(0, cache.groups());
            former.put(cache, groups);
        }
        kept.clear();
    }

    /**
     * Copies what is there of a part's prefixes.
     *
     * @param empty with room for the prefixes of {@code packed}
     * @return position before which every prefix is filled
     */
    int fill(NDManager scratch, KeyValueCache empty, PackedRows packed) {
        List<KeyValueCache> all = Stream.concat(former.keySet().stream(), kept.stream()).toList();
        Map<KeyValueCache, List<Integer>> sources = new LinkedHashMap<>();
        Map<KeyValueCache, List<Integer>> targets = new LinkedHashMap<>();
        int filled = packed.prefixLength();
        for (int g = 0; g < packed.groups(); g++) {
            int[] prompt = packed.member(g);
            int longest = 0;
            KeyValueCache source = null;
            int group = 0;
            for (KeyValueCache cache : all) {
                for (int i = 0; i < cache.groups(); i++) {
                    int shared = cache.shared(i, prompt);
                    if (shared > longest) {
                        longest = shared;
                        source = cache;
                        group = i;
                    }
                }
            }
            filled = Math.min(filled, longest);
            if (filled == 0) {
                return 0;
            }
            sources.computeIfAbsent(source, cache -> new ArrayList<>()).add(group);
            targets.computeIfAbsent(source, cache -> new ArrayList<>()).add(g);
        }
        for (KeyValueCache source : sources.keySet()) {
            empty.copy(source, scratch, filled, sources.get(source), targets.get(source));
            BitSet left = former.getOrDefault(source, new BitSet());
            sources.get(source).forEach(left::clear);
            // A dialogue goes on in one row, and keys take much memory.
            if (left.isEmpty() && former.remove(source) != null) {
                source.close();
            }
        }
        return filled;
    }

    /** Takes over a part's, or closes it if that is more than may be kept. */
    void keep(KeyValueCache cache) {
        long held = Stream.concat(former.keySet().stream(), kept.stream()).mapToLong(KeyValueCache::bytes).sum();
        if (held + cache.bytes() <= mostBytes) {
            kept.add(cache);
        } else {
            cache.close();
        }
    }

    /** Ends the batch: what those before have left goes. */
    void end() {
        former.keySet().forEach(KeyValueCache::close);
        former.clear();
    }

    /** Forgets everything. */
    void clear() {
        begin();
        end();
    }
}
