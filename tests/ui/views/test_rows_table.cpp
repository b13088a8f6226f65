#include "ui/views/rows_table.h"

#include <gmock/gmock.h>

#include <QAbstractItemModelTester>
#include <QAction>
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

// Spare columns give way before the page has to scroll sideways; what is copied has them all.
TEST(RowsTable, SpareColumnsAreShownWhereThereIsRoom)
{
    RowsTable view;
    Rows rows;
    rows.columns = {{QStringLiteral("Name"), false, {}},
                    {QStringLiteral("A figure of many words"), true, {}, 1},
                    {QStringLiteral("Figure"), true, {}}};
    rows.rows = {{{{QStringLiteral("one"), {}, {}}, {QStringLiteral("1"), 1, {}}, {QStringLiteral("2"), 2, {}}}}};
    view.resize(900, 100);
    view.show();
    view.display(rows, false);
    EXPECT_FALSE(view.isColumnHidden(1));
    const int least = view.minimumSizeHint().width();
    view.resize(least, 100);
    QTest::qWait(1);
    view.display(rows, false);
    EXPECT_TRUE(view.isColumnHidden(1));
    EXPECT_FALSE(view.isColumnHidden(2));
    EXPECT_EQ(view.minimumSizeHint().width(), least);
    view.copy();
    EXPECT_EQ(QGuiApplication::clipboard()->text(),
              QStringLiteral("Name\tA figure of many words\tFigure\none\t1\t2\n"));
    view.resize(900, 100);
    view.display(rows, false);
    EXPECT_FALSE(view.isColumnHidden(1));
}

TEST(RowsTable, TheMenuKeyCopiesAndSorts)
{
    RowsTable view;
    Rows rows;
    rows.columns = {{QStringLiteral("Name"), false, {}}, {QStringLiteral("Figure"), true, {}}};
    rows.rows = {{{{QStringLiteral("a"), {}, {}}, {QStringLiteral("2"), 2, {}}}},
                 {{{QStringLiteral("b"), {}, {}}, {QStringLiteral("1"), 1, {}}}}};
    view.display(rows, false);
    EXPECT_EQ(view.contextMenuPolicy(), Qt::ActionsContextMenu);
    ASSERT_EQ(view.actions().size(), 1); // copying
    view.setSortable();
    ASSERT_EQ(view.actions().size(), 4); // a line between, and the two columns
    view.actions().back()->trigger();
    EXPECT_EQ(view.rowsModel().shown().rows.front().cells[0].text, QStringLiteral("b"));
    EXPECT_EQ(view.sortedColumn(), 1);
    rows.columns[1].heading = QStringLiteral("Other");
    view.display(rows, false);
    EXPECT_EQ(view.actions().back()->text(), QStringLiteral("Sort by Other"));
    EXPECT_EQ(view.rowsModel().shown().rows.front().cells[0].text, QStringLiteral("b")) << "still sorted";
}

} // namespace weighbridge
