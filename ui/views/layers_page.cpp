#include "ui/views/layers_page.h"

#include "core/report/estimate_tables.h"
#include "ui/theme/text.h"
#include "ui/theme/theme.h"
#include "ui/theme/typography.h"
#include "ui/widgets/table_sheet.h"

#include <QLabel>
#include <QVBoxLayout>

#include <algorithm>

namespace weighbridge {

using namespace Qt::StringLiterals;

namespace {

/// Columns in the order in which they give way where there is little room, the first one last: what is gone is in the
/// tool tip of the row, and in what is copied.
Table givingWay(Table table, ByteUnit unit)
{
    const auto set = [&](std::string_view id, int spare, const QString& narrow) {
        for (Column& column : table.columns)
            if (column.id == id && column.is_shown()) {
                column.spare = spare;
                column.narrow = narrow.toStdString();
            }
    };
    set("parameters", 1, {});
    set("kv_cache.bytes_per_token", 2, LayersPage::tr("B per token"));
    set("shape", 4, {});
    set("kv_cache.fixed_bytes_per_sequence", 3, LayersPage::tr("B each"));
    set("weight_bytes", 0, utf8(unit_name(unit)));
    return table;
}

} // namespace

LayersPage::LayersPage(QWidget* parent) : Page(parent)
{
    setObjectName(u"layersPage"_s);
    auto* page = new QWidget;
    setWidget(page); // while it is empty: the area measures what it is given
    auto* column = new QVBoxLayout(page);
    table_ = new TableSheet(page);
    table_->setObjectName(u"layersTable"_s);
    table_->setAccessibleName(tr("Layers of the network"));
    note_ = new QLabel(page);
    note_->setObjectName(u"layersNote"_s);
    note_->setWordWrap(true);
    note_->setTextFormat(Qt::PlainText);
    note_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    column->addWidget(table_);
    column->addWidget(note_);
    column->addStretch(1);
    page->setAutoFillBackground(false);
    dress();
}

void LayersPage::display(const ViewState& state)
{
    if (!state.estimate)
        return;
    estimate_ = state.estimate;
    unit_ = state.unit;
    table_->display(givingWay(layers_table(*state.estimate, state.unit), state.unit), state.stale);
    describe(*state.estimate);
    if (stale_ == state.stale)
        return;
    stale_ = state.stale;
    style();
}

void LayersPage::describe(const Estimate& estimate)
{
    QString text =
        tr("Of the whole model, before anything is divided over GPUs. The cache is that of one sequence: what "
           "each token adds, and what does not grow with it, windows full.");
    if (!estimate.training && !estimate.scenario.inference.use_kv_cache)
        text += u' ' + tr("The KV cache is switched off.");
    if (std::ranges::any_of(estimate.layers, [](const LayerRow& row) { return row.kind == LayerRowKind::prediction; }))
        text +=
            u' ' + tr("Layers of multi-token prediction are beside the total: only speculative decoding uses them.");
    note_->setText(text);
}

void LayersPage::style()
{
    const Spacing space = Spacing::from(font());
    widget()->layout()->setContentsMargins(0, 0, 0, space.l);
    widget()->layout()->setSpacing(space.l);
    Theme theme = Theme::from(palette());
    if (stale_)
        theme = theme.greyed();
    QPalette ink;
    ink.setColor(QPalette::WindowText, theme.mutedText);
    note_->setPalette(ink);
}

std::vector<Table> LayersPage::tables() const
{
    if (!estimate_)
        return {};
    return {layers_table(*estimate_, unit_)};
}

std::optional<WantedFile> LayersPage::file(const QString& ending) const
{
    return tablesFile(ending, estimate_, u"layers"_s, tr("Layers"), tables());
}

PageEntry layersPage()
{
    return {.id = "layers",
            .title = QT_TRANSLATE_NOOP("weighbridge::Page", "&Layers"),
            .make = [](QWidget* parent) -> Page* { return new LayersPage(parent); }};
}

} // namespace weighbridge
