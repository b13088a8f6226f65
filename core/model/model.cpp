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

} // namespace weighbridge
