#include "ui/views/rows_table.h"

#include <gmock/gmock.h>

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QClipboard>
#include <QHeaderView>
#include <QTest>

namespace weighbridge {

namespace {

Rows sample()
{
    Rows rows;
    rows.columns = {{QStringLiteral("Name"), false, {}}, {QStringLiteral("GiB"), true, {}}};
    const auto row = [&](const char* name, double amount) {
        rows.rows.push_back(
            {{{QString::fromLatin1(name), {}, {}}, {QString::number(amount), amount, {}}}, false, false});
    };
    row("beta", 100);
    row("alpha", 9);
    rows.rows.push_back({{{QStringLiteral("gamma"), {}, {}}, {QStringLiteral("none"), {}, {}}}, true, false});
    return rows;
}

QStringList names(const RowsTable& table)
{
    QStringList list;
    for (int row = 0; row < table.model()->rowCount(); ++row)
        list << table.model()->index(row, 0).data().toString();
    return list;
}

} // namespace

TEST(RowsModel, PassesQtsModelTester)
{
    RowsModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
    model.display(sample());
    model.sort(1, Qt::DescendingOrder);
    model.display({});
    model.display(sample());
}

// Numbers by their value, not by their text, and what is none after all of them.
TEST(RowsTable, SortsByAClickAndTurnsAroundByTheSecond)
{
    RowsTable table;
    table.setSortable();
    table.display(sample(), false);
    Q_EMIT table.header()->sectionClicked(1);
    EXPECT_EQ(names(table), (QStringList{QStringLiteral("alpha"), QStringLiteral("beta"), QStringLiteral("gamma")}));
    Q_EMIT table.header()->sectionClicked(1);
    EXPECT_EQ(names(table), (QStringList{QStringLiteral("beta"), QStringLiteral("alpha"), QStringLiteral("gamma")}));
    table.display(sample(), false); // new figures stay in the order that was chosen
    EXPECT_EQ(names(table).first(), QStringLiteral("beta"));
    Q_EMIT table.header()->sectionClicked(0);
    EXPECT_EQ(names(table), (QStringList{QStringLiteral("alpha"), QStringLiteral("beta"), QStringLiteral("gamma")}));
}

TEST(RowsTable, FiguresAreNeverCut)
{
    RowsTable table;
    table.display(sample(), false);
    table.resize(table.minimumSizeHint().width(), 200);
    table.show();
    const QFontMetrics metrics(table.typography().strongNumber);
    EXPECT_GE(table.header()->sectionSize(1), metrics.horizontalAdvance(QStringLiteral("none")));
    EXPECT_GT(table.sizeHint().height(), 3 * metrics.height());
}

TEST(RowsTable, CopiesEverything)
{
    RowsTable table;
    table.display(sample(), false);
    QTest::keySequence(&table, QKeySequence::Copy);
    EXPECT_EQ(QApplication::clipboard()->text(), QStringLiteral("Name\tGiB\nbeta\t100\nalpha\t9\ngamma\tnone\n"));
}

} // namespace weighbridge
