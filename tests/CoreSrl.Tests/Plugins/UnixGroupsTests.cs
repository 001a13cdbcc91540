using CoreSrl.Plugins.Safety;

namespace CoreSrl.Tests.Plugins;

/// <summary>Whether somebody else can write what a group can.</summary>
public sealed class UnixGroupsTests
{
    private static readonly UnixGroups Groups = new(
        ["root:x:0:0:root:/root:/bin/bash", "ann:x:1000:1000::/home/ann:/bin/bash", "bob:x:1001:1001::/home/bob:/bin/bash", "eve:x:1002:1003::/home/eve:/bin/bash", "dan:x:1003:1003::/home/dan:/bin/bash", "# no user", ""],
        ["root:x:0:", "ann:x:1000:", "bob:x:1001:ann", "wheel:x:10:root,ann", "team:x:1003:", "lost:x:1004:nobody-known"]);

    [Theory]
    [InlineData("her own, as many systems give one to each user", 1000u, 1000u, true)]
    [InlineData("another's own", 1001u, 1000u, false)]
    [InlineData("his own, with another in it", 1001u, 1001u, false)]
    [InlineData("one that two have", 1003u, 1002u, false)]
    [InlineData("root's", 0u, 1000u, true)]
    [InlineData("one that is nobody's first", 10u, 1000u, false)]
    [InlineData("one with a member nobody knows", 1004u, 1000u, false)]
    [InlineData("one of the network's, which is not listed here", 5000u, 1000u, false)]
    public void A_group_is_a_users_alone_only_if_nobody_else_is_in_it(string which, uint group, uint user, bool alone) =>
        Assert.True(Groups.IsOnlyOf(group, user) == alone, which);

    [Fact]
    public void A_group_is_told_by_its_name_where_it_has_one() => Assert.Equal(("'wheel'", "5000"), (Groups.NameOf(10), Groups.NameOf(5000)));
}
