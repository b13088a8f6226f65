#include "ui/session/loaded_model.h"

#include "core/sources/json_text.h"
#include "core/sources/presets.h"
#include "ui/session/architecture_keys.h"
#include "ui/session/text.h"

#include <nlohmann/json.hpp>

#include <QCoreApplication>

namespace weighbridge {

namespace {

Result<LoadedModel> import(nlohmann::json config, ModelReference reference, const QString& name)
{
    auto model = import_config(config, fromQt(name), {.read_as = reference.read_as});
    if (!model)
        return model.error();
    auto shared = std::make_shared<const nlohmann::json>(std::move(config));
    if (reference.kind == ModelReference::Kind::config || reference.kind == ModelReference::Kind::architecture)
        reference.config = shared;
    return LoadedModel{std::move(reference), std::move(shared), std::move(*model)};
}

} // namespace

Result<LoadedModel> loadPreset(const QString& name)
{
    auto config = preset_config(fromQt(name));
    if (!config)
        return config.error();
    auto model = preset_model(fromQt(name));
    if (!model)
        return model.error();
    ModelReference reference;
    reference.text = (*model)->name;
    return LoadedModel{std::move(reference), std::make_shared<const nlohmann::json>(std::move(*config)),
                       std::move(*model)};
}

Result<LoadedModel> loadConfig(const QByteArray& bytes, const QString& name, const QString& source,
                               const ImportOptions& options)
{
    auto config = parse_json({bytes.constData(), static_cast<std::size_t>(bytes.size())}, "config.json");
    if (!config)
        return config.error();
    ModelReference reference;
    reference.kind = ModelReference::Kind::config;
    reference.text = fromQt(source);
    reference.name = fromQt(name);
    reference.read_as = options.read_as;
    return import(std::move(*config), std::move(reference), name);
}

Result<LoadedModel> loadFetched(const FetchedModel& fetched, const QString& name, const QString& source,
                                const ImportOptions& options)
{
    auto file = model_of_fetched(fetched, fromQt(name), fromQt(source), options);
    if (!file)
        return file.error();
    ModelReference reference;
    reference.text = fromQt(source);
    reference.name = fromQt(name);
    reference.read_as = options.read_as;
    const bool exact = file->model->published && file->model->published->stored;
    reference.kind = exact ? ModelReference::Kind::hub : ModelReference::Kind::config;
    if (!exact)
        reference.config = file->config;
    return LoadedModel{std::move(reference), std::move(file->config), std::move(file->model)};
}

Result<LoadedModel> loadReference(const ModelReference& reference)
{
    using Kind = ModelReference::Kind;
    switch (reference.kind) {
    case Kind::preset:
        return loadPreset(toQt(reference.text));
    case Kind::config:
    case Kind::architecture: {
        if (!reference.config)
            return Error{"model", "the scenario's model has no config"};
        const bool typed = reference.kind == Kind::architecture;
        const QString fallback = typed ? QCoreApplication::translate("LoadedModel", "Custom")
                                       : QCoreApplication::translate("LoadedModel", "Model");
        nlohmann::json config = *reference.config;
        if (typed && config.is_object())
            config["model_type"] = generic_family;
        return import(std::move(config), reference, reference.name.empty() ? fallback : toQt(reference.name));
    }
    case Kind::path:
    case Kind::hub:
        break;
    }
    return Error{"model", "\"" + reference.text + "\" has to be opened or fetched first"};
}

Result<LoadedModel> loadCustom(const Architecture& shape)
{
    nlohmann::json config = nlohmann::json::object();
    for (const ArchitectureKey& key : architectureKeys()) {
        const auto value = architecture_field(shape, key.field);
        if (!value)
            continue;
        const std::string name(key.key.substr(architecturePrefix.size()));
        if (key.field == ArchitectureField::tie_word_embeddings)
            config[name] = *value != 0;
        else
            config[name] = *value;
    }
    // A latent attention has no key/value heads of its own: the nearest plain decoder has one per query head.
    if (!config.contains("num_kv_heads") && config.contains("num_attention_heads"))
        config["num_kv_heads"] = config["num_attention_heads"];
    config["model_type"] = generic_family;
    ModelReference reference;
    reference.kind = ModelReference::Kind::architecture;
    reference.name = fromQt(QCoreApplication::translate("LoadedModel", "Custom"));
    const QString name = toQt(reference.name);
    return import(std::move(config), std::move(reference), name);
}

QString shortModelName(const QString& name)
{
    return name.mid(name.lastIndexOf(QLatin1Char('/')) + 1);
}

} // namespace weighbridge
