#include "core/model/model.h"

namespace weighbridge {

ModelPointer make_model(std::string name, Architecture architecture, std::vector<Issue> issues)
{
    auto model = std::make_shared<Model>();
    model->name = std::move(name);
    model->architecture = std::move(architecture);
    model->tensors = weight_inventory(model->architecture);
    model->cache = cache_layout(model->architecture);
    model->parameters = count_parameters(model->architecture, model->tensors);
    model->issues = std::move(issues);
    return model;
}

std::int64_t cache_elements_per_token(const std::vector<CacheRun>& cache)
{
    std::int64_t sum = 0;
    for (const CacheRun& run : cache)
        if (run.kind != CacheKind::windowed)
            sum += run.layers * run.kv_heads * (run.key_dim + run.value_dim);
    return sum;
}

std::int64_t windowed_cache_elements(const std::vector<CacheRun>& cache)
{
    std::int64_t sum = 0;
    for (const CacheRun& run : cache)
        if (run.kind == CacheKind::windowed)
            sum += run.layers * run.kv_heads * (run.key_dim + run.value_dim) * run.window;
    return sum;
}

} // namespace weighbridge
