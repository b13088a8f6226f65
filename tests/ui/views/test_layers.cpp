#include "core/report/estimate_tables.h"
#include "tests/ui/support/sample_estimate.h"
#include "tests/ui/views/view_states.h"
#include "ui/views/engine_prints.h"
#include "ui/views/layers_page.h"
#include "ui/widgets/table_copy.h"
#include "ui/widgets/table_sheet.h"

#include <gmock/gmock.h>

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QClipboard>
#include <QHeaderView>
#include <QLabel>
#include <QMimeData>
#include <QScrollBar>
#include <QTest>

namespace weighbridge {

namespace {

LayerRow layerRow(LayerRowKind kind, std::int64_t first, std::int64_t count, std::string label, std::int64_t parameters,
                  double perToken, double perSequence)
{
    LayerRow row;
    row.kind = kind;
    row.first = first;
    row.count = count;
    row.label = std::move(label);
    row.parameters = parameters;
    row.weights = {2 * parameters};
    row.cache_per_token = perToken;
    row.cache_per_sequence = perSequence;
    return row;
}

/// Figures typed in, not computed.
Estimate hybrid()
{
    Estimate estimate = sample::llama70b();
    using K = LayerRowKind;
    estimate.layers = {layerRow(K::embedding, 0, 0, "Embedding", 1'050'673'152, 0, 0),
                       layerRow(K::layers, 0, 3, "sliding window of 1,024, dense", 9'663'676'416, 0, 12'582'912),
                       layerRow(K::layers, 3, 1, "full attention, experts", 3'221'225'472, 4'096, 0),
                       layerRow(K::head, 0, 0, "LM head", 1'050'673'152, 0, 0),
                       layerRow(K::total, 0, 4, "Total", 14'986'248'192, 4'096, 12'582'912),
                       layerRow(K::prediction, 4, 1, "full attention, experts", 3'221'225'472, 4'096, 0)};
    estimate.layers[1].shape = "64 heads, 8 for keys and values, of 128; inner width 28,672";
    return estimate;
}

namespace LayerColumn {
enum
{
    ranges,
    what,
    sizes,
    parameters,
    weights,
    perToken,
    perSequence,
};
} // namespace LayerColumn

QString layersCell(const QAbstractItemModel& model, int row, int column)
{
    return model.index(row, column).data().toString();
}

} // namespace

TEST(LayersTable, GoesThroughTheNetworkInOrder)
{
    TableModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
    for (const auto& make : {hybrid, sample::nothing, hybrid})
        model.display(layers_table(make()));
    ASSERT_EQ(model.rowCount(), 6);
    EXPECT_EQ(layersCell(model, 0, LayerColumn::ranges), QString());
    EXPECT_EQ(layersCell(model, 0, LayerColumn::what), QStringLiteral("Embedding"));
    EXPECT_EQ(layersCell(model, 0, LayerColumn::perToken), QString());
    EXPECT_EQ(layersCell(model, 1, LayerColumn::ranges), QStringLiteral("0–2"));
    EXPECT_EQ(layersCell(model, 1, LayerColumn::what), QStringLiteral("Sliding window of 1,024, dense"));
    EXPECT_TRUE(layersCell(model, 1, LayerColumn::sizes).startsWith(QStringLiteral("64 heads")));
    EXPECT_EQ(layersCell(model, 1, LayerColumn::parameters), QStringLiteral("9,663,676,416"));
    EXPECT_EQ(layersCell(model, 1, LayerColumn::weights), QStringLiteral("18.00"));
    EXPECT_EQ(layersCell(model, 1, LayerColumn::perToken), QStringLiteral("0"));
    EXPECT_EQ(layersCell(model, 1, LayerColumn::perSequence), QStringLiteral("12,582,912"));
    EXPECT_EQ(layersCell(model, 2, LayerColumn::ranges), QStringLiteral("3"));
    EXPECT_EQ(layersCell(model, 4, LayerColumn::ranges), QStringLiteral("4 layers"));
    EXPECT_EQ(model.shown().rows[4].emphasis, Emphasis::strong);
    EXPECT_EQ(layersCell(model, 5, LayerColumn::what),
              QStringLiteral("Multi-token prediction: full attention, experts"));
    EXPECT_EQ(model.shown().rows[5].emphasis, Emphasis::quiet);
    EXPECT_TRUE(
        model.index(1, LayerColumn::what).data(Qt::ToolTipRole).toString().contains(QStringLiteral("64 heads")));
    EXPECT_TRUE(model.index(1, LayerColumn::what)
                    .data(Qt::ToolTipRole)
                    .toString()
                    .contains(QStringLiteral("3 equal layers of 3,221,225,472 parameters each")));
}

TEST(LayersTable, FollowsTheUnit)
{
    TableModel model;
    model.display(layers_table(hybrid(), ByteUnit::gb));
    EXPECT_EQ(model.headerData(LayerColumn::weights, Qt::Horizontal).toString(), QStringLiteral("Weights, GB"));
    EXPECT_EQ(layersCell(model, 1, LayerColumn::weights), QStringLiteral("19.33")); // 2 * 9,663,676,416 / 10^9
}

// Columns give way where there is no room, sizes before parameters; what is shown is whole and nothing scrolls across.
TEST(LayersPage, ShowsEveryFigureAtEveryWidthAndFontSize)
{
    const QFont usual = QApplication::font();
    for (const int percent : {100, 150, 200}) {
        QFont font = usual;
        font.setPointSizeF(usual.pointSizeF() * percent / 100);
        for (const int width : {560, 1000, 1600}) {
            LayersPage page;
            page.setFont(font);
            page.resize(width, 500);
            page.display(stateOf(hybrid()));
            page.show();
            QApplication::processEvents();
            auto* table = page.findChild<TableSheet*>();
            int sum = 0;
            for (int column = 0; column < table->model()->columnCount(); ++column) {
                const int size = table->header()->sectionSize(column);
                EXPECT_EQ(size > 0, !table->isColumnHidden(column)) << column;
                sum += size;
            }
            EXPECT_EQ(sum, table->viewport()->width()) << percent << " % at " << width;
            EXPECT_EQ(page.horizontalScrollBar()->maximum(), 0) << percent << " % at " << width;
            EXPECT_FALSE(table->isColumnHidden(LayerColumn::weights)) << percent << " % at " << width;
            EXPECT_LE(table->isColumnHidden(LayerColumn::parameters), table->isColumnHidden(LayerColumn::sizes));
            if (width == 560) {
                EXPECT_TRUE(table->isColumnHidden(LayerColumn::sizes)) << percent;
            } else if (percent == 100) {
                EXPECT_FALSE(table->isColumnHidden(LayerColumn::sizes)) << width;
            }
            const QFontMetrics metrics(table->typography().strongNumber);
            if (!table->isColumnHidden(LayerColumn::parameters)) {
                EXPECT_GE(table->header()->sectionSize(LayerColumn::parameters),
                          metrics.horizontalAdvance(QStringLiteral("14,986,248,192")));
            }
        }
    }
}

TEST(LayersPage, CopiesTheTable)
{
    LayersPage page;
    page.resize(900, 500);
    page.display(stateOf(hybrid()));
    page.show();
    auto* table = page.findChild<TableSheet*>();
    QTest::keySequence(table, QKeySequence::Copy);
    const QStringList lines = QApplication::clipboard()->text().split(u'\n', Qt::SkipEmptyParts);
    ASSERT_EQ(lines.size(), 7);
    EXPECT_EQ(lines[0].split(u'\t').size(), 7);
    EXPECT_EQ(lines[2].split(u'\t').value(0), QStringLiteral("0–2"));
    EXPECT_EQ(lines[2].split(u'\t').value(3), QStringLiteral("9,663,676,416"));
    EXPECT_TRUE(QApplication::clipboard()->mimeData()->hasHtml());
}

TEST(LayersPage, SaysWhatIsBesideTheTotal)
{
    LayersPage page;
    page.display(stateOf(hybrid()));
    const auto* note = page.findChild<QLabel*>(QStringLiteral("layersNote"));
    EXPECT_TRUE(note->text().contains(QStringLiteral("beside the total")));
    Estimate plain = hybrid();
    plain.layers.pop_back();
    page.display(stateOf(std::move(plain)));
    EXPECT_FALSE(note->text().contains(QStringLiteral("beside the total")));
}

TEST(EnginePrints, DecimalPointsStandBelowOneAnother)
{
    Estimate estimate = sample::llama70b();
    estimate.engine_prints = {{"model_loading_gib", "Model loading took (GiB)", 14.985, 2},
                              {"num_gpu_blocks", "GPU blocks", 27'345, 0},
                              {"max_concurrency", "Maximum concurrency", 3.5, 1}};
    const auto rows = enginePrintRows(estimate);
    ASSERT_EQ(rows.size(), 3U);
    EXPECT_EQ(rows[0].name, QStringLiteral("Model loading took (GiB)"));
    EXPECT_EQ(rows[1].figure, QStringLiteral("27,345")) << "a count has no point to align";
    EXPECT_EQ(rows[2].figure, QStringLiteral("3.5\u2007"));
    EXPECT_TRUE(tableData(memory_tables(estimate))->text().contains(QStringLiteral("GPU blocks\t27,345\n")));
}

} // namespace weighbridge
