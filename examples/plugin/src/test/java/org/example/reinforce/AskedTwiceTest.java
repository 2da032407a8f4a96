package org.example.reinforce;

import io.parley.testkit.PartnerContract;
import java.util.List;
import java.util.Map;

class AskedTwiceTest extends PartnerContract {
    @Override
    protected AskedTwiceProvider provider() {
        return new AskedTwiceProvider();
    }

    @Override
    protected List<Map<String, Object>> refused() {
        return List.of(Map.of("times", 0));
    }
}
