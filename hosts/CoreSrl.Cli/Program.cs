Console.WriteLine("srl");
